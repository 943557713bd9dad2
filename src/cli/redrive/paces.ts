import type { Command } from "commander";
import { type Pace, loadPaces } from "../../spool/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { when } from "../when.ts";
import { EXIT, print } from "../world.ts";

export function addRedrivePaces(parent: Command, act: Act): void {
  const command = parent
    .command("paces")
    .summary("show how much routine mail stand-ins are given")
    .description(
      "While a verdict keeps a provider out of use, whoever stands in for it is given routine mail by the hour, so that receivers are not surprised.",
    )
    .option("--json", "print JSON");
  act(command, (run, { json }: { json?: boolean }) =>
    withQueue(run, async (database) => {
      const { out, clock } = run.world;
      const { paces } = await loadPaces(database);
      print(out, json ? jsonText(paces) : pacesText(paces, clock.now(), out.columns));
      return EXIT.fine;
    }),
  );
}

function pacesText(paces: readonly Pace[], now: number, columns: number): string {
  if (paces.length === 0) return "Nobody stands in for anybody.";
  return table(
    [
      { title: "STAND-IN" },
      { title: "FOR", least: 10 },
      { title: "STATE" },
      { title: "ROUTINE/H", align: "right" },
      { title: "CRITICAL/H", align: "right" },
      { title: "BEST HOUR", align: "right" },
      { title: "PUT OFF", align: "right" },
      { title: "SINCE" },
    ],
    paces.map((one) => [
      one.provider,
      one.insteadOf.join(", "),
      one.state,
      String(one.routinePerHour),
      String(one.criticalPerHour),
      String(one.peakPerHour),
      `${Math.round(one.deferred * 1_000) / 10} %`,
      when(one.beganAt, now),
    ]),
    columns,
  );
}
