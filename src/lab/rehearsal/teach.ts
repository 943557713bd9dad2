import { ASSUMED, LatencyModel, type LatencyRow, OWN } from "../../judge/index.ts";
import { seededRandom } from "../../kernel/index.ts";
import { groupOf } from "../../respond/index.ts";
import type { Database } from "../../store/index.ts";
import { draw, exponential } from "./model/latencies.ts";
import type { WeatherPlan } from "./weather.ts";

/** Messages to each group of receivers that were seen before: as after a day or two at ten a minute. */
const SEEN = 3_000;
const SEED = 3;

const taught = new Map<string, { customers: LatencyRow; canaries: LatencyRow }>();

/**
 * Writes what the judge would have learned of latencies in this weather, in the rows in which it keeps it. A rehearsal
 * is of an installation that runs, not of its first minutes; `untaught` in a world's plan leaves it out.
 */
export async function teachLatencies(
  database: Pick<Database, "query">,
  of: { providers: readonly string[]; domains: readonly string[]; weather: WeatherPlan; at: number },
): Promise<void> {
  const { customers, canaries } = learned(of.weather, of.at);
  const groups = [...new Set(of.domains.map(groupOf))];
  const rows = of.providers.flatMap((provider) => [
    [provider, OWN, canaries] as const,
    ...groups.map((group) => [provider, group, customers] as const),
  ]);
  await database.query(
    `INSERT INTO usual_latencies (provider, receivers, latencies, saved_at)
     SELECT provider, receivers, latencies, $4 FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS t(provider, receivers, latencies)`,
    [
      rows.map(([provider]) => provider),
      rows.map(([, group]) => group),
      rows.map(([, , row]) => JSON.stringify(row)),
      new Date(of.at),
    ],
  );
}

function learned(weather: WeatherPlan, at: number): { customers: LatencyRow; canaries: LatencyRow } {
  const key = JSON.stringify(weather);
  let known = taught.get(key);
  if (!known) {
    const random = seededRandom(SEED);
    const customers = new LatencyModel({ ...ASSUMED.latency, neverConfirmed: ASSUMED.neverConfirmed }, at);
    const canaries = new LatencyModel({ ...ASSUMED.latency, neverConfirmed: ASSUMED.neverConfirmed }, at);
    for (let n = 0; n < SEEN; n += 1) {
      canaries.observe(draw(weather.latency, random), at);
      if (random.fraction() < weather.neverTold) customers.observeNever(at);
      else customers.observe(draw(weather.latency, random) + exponential(weather.toldAfterMs, random), at);
    }
    known = { customers: customers.toRow(at), canaries: canaries.toRow(at) };
    taught.set(key, known);
  }
  return { customers: { ...known.customers, at }, canaries: { ...known.canaries, at } };
}
