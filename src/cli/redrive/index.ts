import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addRedriveList } from "./list.ts";
import { addRedrivePaces } from "./paces.ts";
import { addRedriveShow } from "./show.ts";
import { addRedriveStart } from "./start.ts";

export function addRedrive(program: Command, act: Act): void {
  const redrive = program
    .command("redrive")
    .summary("send mail another way that a provider took and lost")
    .description(
      "What a provider took and probably lost is sent once more by another way, as soon as a verdict falls; this shows how far that has come, and starts it by hand. Works beside a running Postern on the same data, and without one. What becomes of which class: docs/redrive.md.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern redrive list
  postern redrive show 3
  postern redrive start --provider mandrill --since 2026-03-01T09:30:00Z --reason "their support says so" --dry-run
  postern redrive start --provider mandrill --since 20m --stream acme/receipts --reason "receipts are missing"
  postern redrive paces`,
    );
  for (const add of [addRedriveList, addRedriveShow, addRedriveStart, addRedrivePaces]) add(redrive, act);
}
