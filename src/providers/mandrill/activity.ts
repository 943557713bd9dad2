import { type Clock, MINUTE_MS } from "../../kernel/index.ts";
import { foldedAddress } from "../../mail/index.ts";
import type { ActivityItem, ActivityQuery, Asked } from "../account.ts";
import { listOf, numberOf, recordOf, textOf } from "../json-reading.ts";
import type { LookupAnswer } from "../provider.ts";
import { type Ask, timeText } from "./api.ts";

/** messages/search: "may be called up to 20 times per minute", 100 to 1,000 results (specification 1.0.28, seen 2026-11-25). */
const SEARCHES_PER_MINUTE = 20;
const LEAST = 100;
const MOST = 1_000;

export type Search = (query: string, since: number | null, limit: number) => Promise<Asked<ActivityItem[]>>;

export function searcherOf(ask: Ask, clock: Clock): Search {
  const past: number[] = [];
  return async (query, since, limit) => {
    const now = clock.monotonicMs();
    while (past[0] !== undefined && past[0] <= now - MINUTE_MS) past.shift();
    if (past.length >= SEARCHES_PER_MINUTE) {
      return { kind: "unavailable", reason: "Mandrill allows 20 searches a minute, and they are used up." };
    }
    past.push(now);
    const asked = await ask("messages/search", {
      query,
      ...(since === null ? {} : { date_from: timeText(since), date_to: timeText(clock.now()) }),
      limit: Math.min(MOST, Math.max(LEAST, limit)),
    });
    return asked.kind === "answer" ? { kind: "answer", value: listOf(asked.value).map(itemOf) } : asked;
  };
}

function itemOf(value: unknown): ActivityItem {
  const one = recordOf(value);
  const seconds = numberOf(one["ts"]);
  return {
    providerMessageId: textOf(one["_id"]) ?? "",
    attemptId: textOf(recordOf(one["metadata"])["postern_attempt"]),
    recipient: textOf(one["email"]) ?? "",
    sender: textOf(one["sender"]),
    state: textOf(one["state"]) ?? "unknown",
    at: seconds === null ? null : seconds * 1000,
  };
}

export async function activityOf(search: Search, query: ActivityQuery): Promise<Asked<ActivityItem[]>> {
  const asked = await search(phrase(query.attemptId ?? query.recipient), query.sinceMs, query.limit);
  if (asked.kind === "unavailable") return asked;
  // A phrase is looked for in every indexed field: what only holds it somewhere else is left out here.
  const fits = (item: ActivityItem): boolean =>
    (query.attemptId === undefined || item.attemptId === query.attemptId) &&
    (query.recipient === undefined || foldedAddress(item.recipient) === foldedAddress(query.recipient)) &&
    (item.at === null || item.at >= query.sinceMs);
  return { kind: "answer", value: asked.value.filter(fits).slice(0, query.limit) };
}

/**
 * Found: it took the attempt, or refused it. Not found means something only where it would have been found: metadata is searched only in
 * fields that are indexed (metadata/list), and what waits in its queue is in no search.
 */
export async function lookUp(ask: Ask, search: Search, attemptId: string): Promise<LookupAnswer> {
  const asked = await search(phrase(attemptId), null, LEAST);
  if (asked.kind === "unavailable") return "unavailable";
  const found = asked.value.filter((item) => item.attemptId === attemptId);
  if (found.some(({ state }) => state !== "rejected")) return "taken";
  if (found.length > 0) return "unknown"; // refused: it will not go out from there
  const [fields, info] = await Promise.all([ask("metadata/list"), ask("users/info")]);
  if (fields.kind === "unavailable" || info.kind === "unavailable") return "unavailable";
  const isIndexed = listOf(fields.value)
    .map(recordOf)
    .some((field) => field["name"] === "postern_attempt" && field["state"] === "active");
  const isQueueEmpty = numberOf(recordOf(info.value)["backlog"]) === 0;
  return isIndexed && isQueueEmpty ? "unknown" : "unavailable";
}

/** Lucene: a phrase in quotes; nothing in it may end it. Without a text, everything. */
const phrase = (text: string | undefined): string =>
  text === undefined ? "*" : `"${text.replaceAll(/["\\\p{Cc}]/gu, "")}"`;
