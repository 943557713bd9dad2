import type { Command } from "commander";
import { type StandingRow, loadStandings } from "../../standing/index.ts";
import { jsonText } from "../json.ts";
import { paintFor } from "../paint.ts";
import { withQueue } from "../queue/open-queue.ts";
import type { Act } from "../run.ts";
import { table } from "../table.ts";
import { span } from "../when.ts";
import { EXIT, print } from "../world.ts";
import { painted } from "./state-text.ts";

/** A provider, or a stream through it, as it is shown. Of one that was never judged nothing is known against it. */
export type Shown = { provider: string; scope: string; state: string; since: number | null; sentence: string };

export function addList(provider: Command, act: Act): void {
  const command = provider
    .command("list")
    .summary("list providers and how they stand")
    .description(
      "Lists every provider of the configuration, and each stream through one that stands otherwise than it.",
    )
    .option("--json", "print JSON: [{ provider, scope, state, since, sentence }]");
  act(command, (run, options: { json?: boolean }) =>
    withQueue(run, async (database, settings) => {
      const { out, clock, environment } = run.world;
      const shown = shownOf(
        settings.providers.map(({ name }) => name),
        await loadStandings(database),
      );
      if (options.json) {
        const since = (at: number | null) => (at === null ? null : new Date(at).toISOString());
        print(out, jsonText(shown.map((one) => ({ ...one, since: since(one.since) }))));
        return EXIT.fine;
      }
      const paint = paintFor(out.isTerminal, environment);
      const now = clock.now();
      print(
        out,
        table(
          [
            { title: "PROVIDER", least: 12 },
            { title: "STATE", paint: (text, state) => painted(paint, state)(text) },
            { title: "FOR", align: "right" },
            { title: "WHY", least: 20 },
          ],
          shown.map(({ provider: name, scope, state, since, sentence }) => [
            scope === "" ? name : `${name} ${scope}`,
            state,
            since === null ? "" : span(Math.max(0, now - since)),
            sentence,
          ]),
          out.columns,
        ),
      );
      return EXIT.fine;
    }),
  );
}

function shownOf(names: readonly string[], rows: readonly StandingRow[]): Shown[] {
  return names.flatMap((provider) => {
    const own = rows.filter((row) => row.provider === provider);
    const whole = own.find(({ scope }) => scope === "");
    const streams = own.filter(({ scope, standing }) => scope !== "" && standing.state !== "HEALTHY");
    return [
      whole
        ? shown(whole)
        : { provider, scope: "", state: "HEALTHY", since: null, sentence: "Nothing was ever found against it." },
      ...streams.map(shown),
    ];
  });
}

const shown = ({ provider, scope, standing }: StandingRow): Shown => ({
  provider,
  scope,
  state: standing.state,
  since: standing.since,
  sentence: standing.because.sentence,
});
