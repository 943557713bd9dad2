import type { Command } from "commander";
import { findDrill, stopDrill } from "../../drill/index.ts";
import { delay } from "../../kernel/index.ts";
import { jsonText } from "../json.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { EXIT, print } from "../world.ts";
import { idOf } from "./id.ts";

/** The node that leads looks every two seconds. */
const PATIENCE_MS = 5_000;
const POLL_MS = 200;

export function addDrillStop(parent: Command, act: Act): void {
  const command = parent
    .command("stop")
    .summary("end the drill that runs")
    .description("Ends the drill that runs. Every node uses the provider again within half a second.")
    .argument("[id]", "only if it is this one")
    .option("--operator <name>", "who you are", "cli")
    .option("--json", "print the drill as JSON");
  act(command, (run, { operator, json }: { operator: string; json?: boolean }, [word]) =>
    withQueue(run, async (database) => {
      const { out, clock } = run.world;
      let drill = await stopDrill({ database, clock }, word === undefined ? null : idOf(word), operator);
      for (const until = clock.monotonicMs() + PATIENCE_MS; drill.endedAt === null && clock.monotonicMs() < until;) {
        await delay(clock, POLL_MS);
        drill = (await findDrill(database, drill.drillId)) ?? drill;
      }
      const what =
        drill.endedAt === null
          ? `Drill ${drill.drillId} withdraws nothing any more; its end is written down once a Postern runs.`
          : `Drill ${drill.drillId} has ended. postern drill show ${drill.drillId} tells what it showed.`;
      print(out, json ? jsonText(drill) : what);
      return EXIT.fine;
    }),
  );
}
