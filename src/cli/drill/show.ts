import type { Command } from "commander";
import { completeAt, findDrill, reportOf } from "../../drill/index.ts";
import { Problem } from "../../kernel/index.ts";
import { jsonText } from "../json.ts";
import { paintFor } from "../paint.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { EXIT, print } from "../world.ts";
import { idOf } from "./id.ts";
import { drillText } from "./report-text.ts";

export function addDrillShow(parent: Command, act: Act): void {
  const command = parent
    .command("show")
    .summary("what moved, how fast, and what it cost")
    .description(
      "Compares the time before, during and after a drill: messages by class and provider, time to hand off and to arrive, what was put off, refused or sent twice. A drill that runs is shown as far as it is.",
    )
    .argument("<id>", "its number")
    .option("--json", "print JSON: { drill, report, complete }");
  act(command, (run, { json }: { json?: boolean }, [word = ""]) =>
    withQueue(run, async (database) => {
      const { out, clock, environment } = run.world;
      const found = await findDrill(database, idOf(word));
      if (!found) throw new Problem("drill-not-found", `There is no drill ${word}; postern drill list shows them.`);
      const now = clock.now();
      const report = found.report ?? (await reportOf(database.questions, found, now));
      const complete = found.report !== null || (found.endedAt !== null && completeAt(found) <= now);
      const { report: _kept, ...plain } = found;
      print(
        out,
        json
          ? jsonText({ drill: plain, report, complete })
          : drillText(found, report, {
              now,
              complete,
              columns: out.columns,
              paint: paintFor(out.isTerminal, environment),
            }),
      );
      return EXIT.fine;
    }),
  );
}
