import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addList } from "./list.ts";
import { addOrders } from "./orders.ts";
import { addShow } from "./show.ts";

export function addProvider(program: Command, act: Act): void {
  const provider = program
    .command("provider")
    .summary("how providers stand, and deciding about them")
    .description(
      "How each provider stands, why and since when, and what people may order about it. Works beside a running Postern on the same data, and without one. What states mean: docs/verdicts.md.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern provider list
  postern provider show mandrill
  postern provider pin mandrill --operator ada --reason "their status page says maintenance"
  postern provider unpin mandrill --operator ada --reason "maintenance is over"
  postern provider release mandrill --operator ada --reason "new keys" --keys-rotated 2026-03-01T09:30:00Z`,
    );
  for (const add of [addList, addShow, addOrders]) add(provider, act);
}
