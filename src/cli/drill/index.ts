import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addDrillList } from "./list.ts";
import { addDrillShow } from "./show.ts";
import { addDrillStart } from "./start.ts";
import { addDrillStop } from "./stop.ts";

export function addDrill(program: Command, act: Act): void {
  const drill = program
    .command("drill")
    .summary("withdraw a provider on purpose, for a while, and see what happens")
    .description(
      "A standby that was never used is a hope. A drill takes a provider out of use for a bounded time while everything works: mail goes to those that stand by, and a guard ends the drill as soon as it costs anything. Works beside a running Postern on the same data.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern drill start --provider mandrill --reason "monthly drill" --dry-run
  postern drill start --provider mandrill --for 10m --reason "monthly drill"
  postern drill start --provider mandrill --streams acme/receipts --share 0.5 --reason "half of the receipts"
  postern drill stop
  postern drill show 3`,
    );
  for (const add of [addDrillStart, addDrillStop, addDrillShow, addDrillList]) add(drill, act);
}
