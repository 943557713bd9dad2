import type { Command } from "commander";
import type { Act } from "../run.ts";
import { addAlertsAck } from "./ack.ts";
import { addAlertsList } from "./list.ts";
import { addAlertsShow } from "./show.ts";
import { addAlertsTest } from "./test.ts";

export function addAlerts(program: Command, act: Act): void {
  const alerts = program
    .command("alerts")
    .summary("what people were told, and taking it on")
    .description(
      "What needs a person or moved mail, who was told of it, and whether somebody has it. Works beside a running Postern on the same data, and without one. Which alerts there are: docs/alerts.md.",
    )
    .addHelpText(
      "after",
      `
Examples:
  postern alerts list
  postern alerts list --all
  postern alerts show 12
  postern alerts ack 12 --operator ada
  postern alerts test night --operator ada`,
    );
  for (const add of [addAlertsList, addAlertsShow, addAlertsAck, addAlertsTest]) add(alerts, act);
}
