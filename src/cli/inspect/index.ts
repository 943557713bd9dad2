import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addInspectDsn } from "./dsn.ts";
import { addInspectWebhook } from "./webhook.ts";

export function addInspect(program: Command, act: Act): void {
  const inspect = program
    .command("inspect")
    .summary("see what Postern makes of a bounce or a notice")
    .description(
      "Reads files and prints one line of JSON for each input: { file, status, events, reason }. Needs no database and no configuration, and changes nothing.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern inspect dsn bounce.eml other.eml
  postern inspect webhook --provider mandrill request.json`,
    );
  for (const add of [addInspectDsn, addInspectWebhook]) add(inspect, act);
}
