import type { ProviderSettings } from "../config/index.ts";
import { HOUR_MS, MINUTE_MS } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";
import type { Measure } from "./counts.ts";

/** A provider's silence about its mail is noticed after a while: what was handed off in the meantime was not told of either. */
const UNNOTICED_MS = 15 * MINUTE_MS;
/** As far back as minutes are counted, and a little. */
const LOOK_BACK_MS = 30 * HOUR_MS;

type Change = { provider: string; from: string; to: string; at: number };
type Span = { from: number; to: number };

/** When a provider told nothing (EVENTS_DARK), by the changes of its standing, in their order. */
export function darkSpans(changes: readonly Change[]): Map<string, Span[]> {
  const spans = new Map<string, Span[]>();
  for (const { provider, from, to, at } of changes) {
    const own = spans.get(provider) ?? [];
    spans.set(provider, own);
    const open = own.at(-1);
    if (open && open.to === Number.POSITIVE_INFINITY) open.to = at;
    else if (own.length === 0 && from === "EVENTS_DARK") own.push({ from: Number.NEGATIVE_INFINITY, to: at });
    if (to === "EVENTS_DARK") own.push({ from: at, to: Number.POSITIVE_INFINITY });
  }
  return spans;
}

const CHANGES = `
  SELECT provider, from_state AS "from", to_state AS "to", at FROM standing_changes WHERE scope = '' AND at >= $1
  UNION ALL
  SELECT provider, 'HEALTHY', state, since FROM provider_standings WHERE scope = '' AND state = 'EVENTS_DARK' AND since < $1
  ORDER BY at`;

/**
 * By what mail of a provider counts as there. Where it tells of its mail, the receiving server's word; where it cannot, never did, or does
 * not at that time, its own: a dead webhook is no late mail.
 */
export async function measuresOf(
  database: Queryable,
  providers: readonly ProviderSettings[],
  now: number,
): Promise<(provider: string, minute: number) => Measure> {
  const dark = darkSpans(await database.query<Change>(CHANGES, [new Date(now - LOOK_BACK_MS)]));
  const signs = await database.query<{ provider: string }>("SELECT provider FROM provider_signs");
  const telling = new Set(signs.map(({ provider }) => provider));
  const able = new Set(providers.flatMap((one) => ("webhook" in one && one.webhook ? [one.name] : [])));
  return (provider, minute) => {
    // Nobody took it: then nothing is there by either measure.
    if (provider === "") return "confirmed";
    if (!able.has(provider) || !telling.has(provider)) return "handed-off";
    const isDark = (dark.get(provider) ?? []).some(({ from, to }) => from - UNNOTICED_MS <= minute && minute < to);
    return isDark ? "handed-off" : "confirmed";
  };
}
