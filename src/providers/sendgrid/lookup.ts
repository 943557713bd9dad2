import { type AttemptId, type Clock, DAY_MS, MINUTE_MS } from "../../kernel/index.ts";
import type { HandoffResult, Handoff, LookupAnswer } from "../provider.ts";
import type { Ask } from "./ask.ts";
import { attemptOf, type LogQuery, searchLog } from "./logs.ts";

/**
 * What was taken appears in the logs later, and no document says how much. So "not there" is believed only this long
 * after the first time it was asked for: believed too early, a message would go out twice.
 */
export const LOG_LAG_MS = 2 * MINUTE_MS;
/** Both logs reach back as far ("Email Logs", usage notes); no message of ours lives longer. */
const KEPT_MS = 30 * DAY_MS;
/** Their clock and ours may differ. */
const CLOCKS_DIFFER_MS = 5 * MINUTE_MS;
/** Hand-offs and questions remembered; an older one that falls out is only waited for anew, or cannot be asked for. */
const REMEMBERED = 10_000;
/** Messages to one recipient within minutes that are looked at one by one. */
const LOOKED_AT = 20;

export type Lookup = {
  /** Remembers where a message went whose end is unknown: the Email Logs can be asked by recipient only. */
  note(handoff: Handoff, result: HandoffResult): void;
  lookup(attemptId: AttemptId): Promise<LookupAnswer>;
};

export function lookupIn(ask: Ask, clock: Clock): Lookup {
  const firstAskedAt = new Map<AttemptId, number>();
  const unclear = new Map<AttemptId, { recipient: string; at: number }>();

  async function search(attemptId: AttemptId): Promise<"found" | "not-found" | "unavailable"> {
    const window = { sinceMs: clock.now() - KEPT_MS, untilMs: clock.now() + CLOCKS_DIFFER_MS };
    const found = await searchLog(ask, "activity", { ...window, attemptId }, 1);
    if (found.kind === "entries") return found.entries.length > 0 ? "found" : "not-found";
    const known = unclear.get(attemptId);
    if (found.kind === "silent" || known === undefined) return "unavailable";
    return searchLogs(ask, attemptId, { ...window, sinceMs: known.at - CLOCKS_DIFFER_MS, recipient: known.recipient });
  }

  return {
    note(handoff, { recipients }) {
      const n = recipients.findIndex(({ kind }) => kind === "indeterminate");
      if (n === -1) return;
      remember(unclear, handoff.attemptId, {
        recipient: handoff.envelope.recipients[n]!.mailbox.address,
        at: clock.now(),
      });
    },
    async lookup(attemptId) {
      const since = firstAskedAt.get(attemptId) ?? clock.monotonicMs();
      const answer = await search(attemptId);
      if (answer === "found") return "taken";
      if (answer === "unavailable") return "unavailable";
      if (clock.monotonicMs() - since >= LOG_LAG_MS) return "unknown";
      remember(firstAskedAt, attemptId, since);
      return "unavailable";
    },
  };
}

async function searchLogs(
  ask: Ask,
  attemptId: AttemptId,
  query: LogQuery,
): Promise<"found" | "not-found" | "unavailable"> {
  const found = await searchLog(ask, "logs", query, LOOKED_AT);
  if (found.kind !== "entries") return "unavailable";
  let isCertain = found.entries.length < LOOKED_AT;
  for (const { id } of found.entries) {
    const one = await attemptOf(ask, "logs", id);
    if (one === attemptId) return "found";
    if (one === undefined) isCertain = false;
  }
  return isCertain ? "not-found" : "unavailable";
}

function remember<Value>(map: Map<AttemptId, Value>, key: AttemptId, value: Value): void {
  map.set(key, value);
  if (map.size > REMEMBERED) map.delete(map.keys().next().value!);
}
