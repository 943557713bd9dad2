import type { Command } from "commander";
import { type ShownAlert, listAlerts, titleOf } from "../../alerts/index.ts";
import { jsonText } from "../json.ts";
import { type Paint, paintFor } from "../paint.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { span, when } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { painted, stateOf } from "./state-of.ts";
import { toldText } from "./told-text.ts";

export function addAlertsList(parent: Command, act: Act): void {
  const command = parent
    .command("list")
    .summary("list what is open, the newest first")
    .description("Lists alerts that last, who was told of them and who has them; with --all also those that are over.")
    .option("-a, --all", "also what is over (the last 100)")
    .option("--json", "print JSON");
  act(command, (run, { all, json }: { all?: boolean; json?: boolean }) =>
    withQueue(run, async (database) => {
      const { out, clock, environment } = run.world;
      const alerts = await listAlerts(database, all ? "all" : "open");
      if (json) print(out, jsonText(alerts));
      else if (alerts.length === 0)
        print(out, all ? "Nothing was ever to be told." : "All is quiet: no alert is open (--all shows what is over).");
      else print(out, listText(alerts, clock.now(), out.columns, paintFor(out.isTerminal, environment)));
      return EXIT.fine;
    }),
  );
}

function listText(alerts: readonly ShownAlert[], now: number, columns: number, paint: Paint): string {
  const rows = alerts.map((one) => [
    String(one.id),
    one.severity === "page" ? "PAGE" : "notice",
    stateText(one, now),
    when(one.at, now),
    titleOf(one),
    toldText(one),
  ]);
  const byId = new Map(alerts.map((one) => [String(one.id), one]));
  const text = table(
    [
      {
        title: "ALERT",
        align: "right",
        paint: (padded, cell) => painted(paint, byId.get(cell)!, stateOf(byId.get(cell)!))(padded),
      },
      { title: "SEVERITY", paint: (padded, cell) => (cell === "PAGE" ? paint.strong(padded) : padded) },
      { title: "STATE" },
      { title: "BEGAN" },
      { title: "WHAT", least: 24 },
      { title: "TOLD", least: 12 },
    ],
    rows,
    columns,
  );
  const [open] = alerts.filter((one) => stateOf(one) === "open" && one.severity === "page");
  return open ? `${text}\n\nTo take one on: postern alerts ack ${open.id} --operator NAME` : text;
}

function stateText(alert: ShownAlert, now: number): string {
  switch (stateOf(alert)) {
    case "open":
      return "open";
    case "taken on":
      return `${alert.acknowledgedBy} has it`;
    case "over":
      return `over after ${span((alert.resolvedAt ?? now) - alert.at)}`;
  }
}
