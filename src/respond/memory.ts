import { z } from "zod";
import { MINUTE_MS } from "../kernel/index.ts";
import { ASSUMED, Fleet, type LatencyRow } from "../judge/index.ts";
import { type Calibration, type StandingRow, assumedWith } from "../standing/index.ts";
import { type Lane, type Statement, instantArray, textArray } from "../store/index.ts";
import { EvidenceReader } from "./evidence/reader.ts";
import { Signs } from "./evidence/signs.ts";

/** What is usual changes over days. */
const LATENCIES_EVERY_MS = 3 * MINUTE_MS;
const LOOKED_EVERY_MS = 5_000;
/** A longer pause than a leader's change takes: nobody looked meanwhile, and perhaps nobody took notices. */
const PAUSE_MS = 30_000;

const LOAD: Statement = { name: "load-latencies", text: "SELECT provider, receivers, latencies FROM usual_latencies" };
const SAVE: Statement = {
  name: "save-latencies",
  text: `INSERT INTO usual_latencies (provider, receivers, latencies, saved_at)
    SELECT provider, receivers, latencies::jsonb, ($4::timestamptz[])[1] FROM unnest($1::text[], $2::text[], $3::text[]) AS g(provider, receivers, latencies)
    ON CONFLICT (provider, receivers) DO UPDATE SET latencies = excluded.latencies, saved_at = excluded.saved_at`,
};
const LAST_LOOK: Statement = { name: "last-look", text: "SELECT at FROM last_look" };
const LOOKED: Statement = {
  name: "looked",
  text: `INSERT INTO last_look (at) VALUES (($1::timestamptz[])[1]) ON CONFLICT (one) DO UPDATE SET at = excluded.at`,
};

const LATENCY_ROW = z.object({ at: z.number(), never: z.number(), from: z.number(), counts: z.array(z.number()) });

/** What a restart must not forget, as far as rows of mail do not tell it: usual latencies, who tells, when somebody looked. */
export class Memory {
  readonly #fleet: Fleet;
  readonly #signs: Signs;
  readonly #names: readonly string[];
  #latenciesAt: number;
  #lookedAt = 0;

  constructor(parts: { fleet: Fleet; signs: Signs; names: readonly string[]; now: number }) {
    this.#fleet = parts.fleet;
    this.#signs = parts.signs;
    this.#names = parts.names;
    this.#latenciesAt = parts.now;
  }

  async save(execute: Lane["execute"], now: number, what: "due" | "all"): Promise<void> {
    if (what === "all" || now - this.#lookedAt >= LOOKED_EVERY_MS) {
      this.#lookedAt = now;
      await execute(LOOKED, [instantArray([now])]);
    }
    await this.#signs.save(execute, now);
    if (what === "due" && now - this.#latenciesAt < LATENCIES_EVERY_MS) return;
    this.#latenciesAt = now;
    const rows = this.#names.flatMap((name) =>
      Object.entries(this.#fleet.latencies(name, now)).map(([group, row]) => ({ name, group, row })),
    );
    if (rows.length === 0) return;
    await execute(SAVE, [
      textArray(rows.map((one) => one.name)),
      textArray(rows.map((one) => one.group)),
      textArray(rows.map((one) => JSON.stringify(one.row))),
      instantArray([now]),
    ]);
  }
}

/** Everything a node that begins to lead has to know. */
export async function recall(parts: {
  execute: Lane["execute"];
  names: readonly string[];
  hasReceivers: boolean;
  standings: readonly StandingRow[];
  calibration: Calibration | null;
  now: number;
}): Promise<{ fleet: Fleet; reader: EvidenceReader; memory: Memory }> {
  const { execute, names, hasReceivers, standings, calibration, now } = parts;
  const latencies = new Map<string, Record<string, LatencyRow>>();
  for (const [provider, group, row] of await execute(LOAD, [])) {
    const of = latencies.get(provider as string) ?? {};
    of[group as string] = LATENCY_ROW.parse(row);
    latencies.set(provider as string, of);
  }
  const signs = new Signs();
  await signs.load(execute, names, now);
  const [looked] = await execute(LAST_LOOK, []);
  const isGap = !looked || now - (looked[0] as number) > PAUSE_MS;
  const fleet = new Fleet({
    providers: names.map((name) => ({ name, hasReceivers })),
    at: now,
    restore: { standings, latencies },
    assumed: calibration ? assumedWith(calibration.found) : ASSUMED,
  });
  const reader = new EvidenceReader({ execute, signs, providers: new Set(names), backwards: !isGap });
  return { fleet, reader, memory: new Memory({ fleet, signs, names, now }) };
}
