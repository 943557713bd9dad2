import type { Command } from "commander";
import { type ShownAlert, wordingOf } from "../../alerts/index.ts";
import { jsonText } from "../json.ts";
import { type Paint, paintFor } from "../paint.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { printable } from "../text.ts";
import { instant } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { alertOf } from "./find.ts";
import { painted, stateOf } from "./state-of.ts";

export function addAlertsShow(parent: Command, act: Act): void {
  const command = parent
    .command("show")
    .summary("show one alert: why, what to do, and what became of each telling")
    .description("Shows one alert as people were told of it, who has it, and what each target said.")
    .argument("<alert>", "its number")
    .option("--json", "print JSON");
  act(command, (run, { json }: { json?: boolean }, [word = ""]) =>
    withQueue(run, async (database) => {
      const { out, clock, environment } = run.world;
      const alert = await alertOf(database, word);
      const paint = paintFor(out.isTerminal, environment);
      print(out, json ? jsonText(alert) : showText(alert, clock.now(), out.columns, paint));
      return EXIT.fine;
    }),
  );
}

function showText(alert: ShownAlert, now: number, columns: number, paint: Paint): string {
  const state = stateOf(alert);
  const { title, happened, since, did, next, figures, more } = wordingOf(
    { alert, alertId: alert.id, telling: "raised", acknowledgedBy: alert.acknowledgedBy },
    [],
    now,
    false,
  );
  const lines = [
    `${painted(paint, alert, state)(`${alert.severity === "page" ? "PAGE" : "notice"}, ${state}`)}  ${paint.strong(printable(title))}`,
    printable(happened),
    `since    ${since}`,
    ...(alert.acknowledgedAt === null
      ? []
      : [`taken on ${instant(alert.acknowledgedAt)} by ${printable(alert.acknowledgedBy ?? "somebody")}`]),
    ...(alert.resolvedAt === null ? [] : [`over     ${instant(alert.resolvedAt)}`]),
    ...(figures === "" ? [] : [`numbers  ${printable(figures)}`]),
    ...(did === "" ? [] : [`done     ${did}`]),
    ...(next === "" || state === "over" ? [] : [`next     ${printable(next)}`]),
    `more     ${more}`,
    "",
    alert.told.length === 0 ? "Nobody was told: no target wants it (alerts.targets)." : tellingsText(alert, columns),
  ];
  return lines.join("\n");
}

const tellingsText = ({ told }: ShownAlert, columns: number): string =>
  table(
    [
      { title: "TARGET" },
      { title: "TOLD THAT IT" },
      { title: "STATE" },
      { title: "TRIES", align: "right" },
      { title: "SAID", least: 12 },
    ],
    told.map(({ target, telling, state, tries, answer, error }) => [
      target,
      THAT_IT[telling],
      state,
      String(tries),
      answer ?? error ?? "",
    ]),
    columns,
  );

const THAT_IT = { raised: "began", repeated: "lasts", acknowledged: "is taken on", resolved: "is over" } as const;
