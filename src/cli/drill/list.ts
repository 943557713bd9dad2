import type { Command } from "commander";
import { type Drill, listDrills } from "../../drill/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { span, when } from "../when.ts";
import { EXIT, print } from "../world.ts";

const MOST = 50;

export function addDrillList(parent: Command, act: Act): void {
  const command = parent
    .command("list")
    .summary("list drills, the latest first")
    .description(`Lists the last ${MOST} drills: which provider, how long, how each ended and what it showed.`)
    .option("--json", "print JSON");
  act(command, (run, { json }: { json?: boolean }) =>
    withQueue(run, async (database) => {
      const { out, clock } = run.world;
      const drills = await listDrills(database, MOST);
      print(out, json ? jsonText(drills) : listText(drills, clock.now(), out.columns));
      return EXIT.fine;
    }),
  );
}

function listText(drills: readonly Drill[], now: number, columns: number): string {
  if (drills.length === 0)
    return "No drill yet. A first one, looked at beforehand: postern drill start --provider NAME --reason first --dry-run";
  return table(
    [
      { title: "DRILL", align: "right" },
      { title: "PROVIDER" },
      { title: "BEGAN" },
      { title: "TOOK", align: "right" },
      { title: "ENDED BY" },
      { title: "MOVED AFTER", align: "right" },
      { title: "TWICE", align: "right" },
      { title: "WHY", least: 10 },
    ],
    drills.map((one) => [
      String(one.drillId),
      one.provider,
      when(one.startedAt, now),
      span((one.endedAt ?? now) - one.startedAt),
      one.endedBy ?? "runs",
      one.report?.firstElsewhereMs === null || !one.report ? "" : span(one.report.firstElsewhereMs),
      one.report ? String(one.report.twice) : "",
      one.reason,
    ]),
    columns,
  );
}
