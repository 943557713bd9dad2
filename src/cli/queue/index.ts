import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addActs } from "./acts.ts";
import { addList } from "./list.ts";
import { addShow } from "./show.ts";
import { addStats } from "./stats.ts";

export function addQueue(program: Command, act: Act): void {
  const queue = program
    .command("queue")
    .summary("look at messages and decide about them")
    .description(
      "Works beside a running Postern on the same data, and without one. An ID is what a door answered when it took the message.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern queue stats
  postern queue list --state held --tenant acme
  postern queue show 019a2b3c-7b1e-7a3c-9d52-1f0a2b3c4d5e
  postern queue list --state held --ids | postern queue release -
  postern queue list --state scheduled --tag campaign=spring --ids | postern queue cancel -`,
    );
  for (const add of [addList, addShow, addActs, addStats]) add(queue, act);
}
