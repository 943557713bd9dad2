import type { Command } from "commander";
import { Problem } from "../../kernel/index.ts";
import { readAssurance } from "../../slo/index.ts";
import { jsonText } from "../json.ts";
import { paintFor } from "../paint.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { EXIT, print } from "../world.ts";
import { overviewText } from "./overview-text.ts";
import { streamText } from "./stream-text.ts";

export function addSlo(program: Command, act: Act): void {
  const command = program
    .command("slo")
    .summary("what is promised of mail, and whether it is kept")
    .description(
      "Shows of each stream its objective, what is left of its error budget, how fast it burns and how long mail took, and of each provider how it stands and where its canaries went; of one stream (TENANT/STREAM) its providers and its last hour and day. Works beside a running Postern on the same data. What the figures mean: docs/objectives.md.",
    )
    .argument("[stream]", "TENANT/STREAM")
    .option("--json", "print JSON, as GET /v1/assurance with tenants' names")
    .addHelpText(
      "after",
      `
Examples:
  postern slo
  postern slo acme/alerts`,
    );
  act(command, (run, { json }: { json?: boolean }, [name]) =>
    withQueue(run, async (database, settings) => {
      const { out, clock, environment } = run.world;
      const assurance = await readAssurance(database.questions, settings, null, clock.now());
      const view = { columns: out.columns, paint: paintFor(out.isTerminal, environment) };
      if (name === undefined) {
        print(out, json ? jsonText(assurance) : overviewText(assurance, view));
        return EXIT.fine;
      }
      const names = assurance.streams.map(({ tenant, stream }) => `${tenant}/${stream}`);
      const one = assurance.streams[names.indexOf(name)];
      if (!one) throw new Problem("stream-unknown", `There is no stream ${name}; there are ${names.join(", ")}.`);
      print(out, json ? jsonText(one) : streamText(one, view));
      return EXIT.fine;
    }),
  );
}
