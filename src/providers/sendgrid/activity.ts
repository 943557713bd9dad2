import { type AttemptId, type Clock, MINUTE_MS } from "../../kernel/index.ts";
import type { ActivityItem, ActivityQuery, Asked } from "../account.ts";
import { isoTimeOf, jsonOf, recordOf, textOf } from "../json-reading.ts";
import type { LookupAnswer } from "../provider.ts";
import { type Ask, listIn, type Told } from "./ask.ts";
import { messageIdOf } from "./event.ts";

/**
 * The Email Activity API, an addition of the account's plan: GET /v3/messages finds by a custom argument, which it calls
 * unique argument; the list does not tell the arguments, GET /v3/messages/{msg_id} does (OpenAPI of the v3 Email Activity
 * API; "Getting started with the Email Activity API"; seen 2026-11-25). Without the addition nobody can say: `unavailable`.
 */
const LIMIT_MAX = 1_000;
/**
 * What was taken appears in the log later, and no document says how much. So "not there" is believed only this long
 * after the first time it was asked for: believed too early, a message would go out twice.
 */
export const LOG_LAG_MS = 2 * MINUTE_MS;
/** Attempts being asked for; an older one that falls out is only waited for anew. */
const ASKED_MAX = 10_000;

export type Lookup = (attemptId: AttemptId) => Promise<LookupAnswer>;

export function lookupIn(ask: Ask, clock: Clock): Lookup {
  const firstAskedAt = new Map<AttemptId, number>();
  return async (attemptId) => {
    const query = byAttempt(attemptId);
    if (query === null) return "unavailable";
    const since = firstAskedAt.get(attemptId) ?? clock.monotonicMs();
    const messages = messagesIn(await ask(messagesPath(query, 1)));
    if (messages === null) return "unavailable";
    if (messages.length > 0) {
      firstAskedAt.delete(attemptId);
      return "taken";
    }
    if (clock.monotonicMs() - since >= LOG_LAG_MS) return "unknown";
    firstAskedAt.set(attemptId, since);
    if (firstAskedAt.size > ASKED_MAX) firstAskedAt.delete(firstAskedAt.keys().next().value!);
    return "unavailable";
  };
}

export async function activityIn(ask: Ask, query: ActivityQuery, now: number): Promise<Asked<ActivityItem[]>> {
  const asked = queryText(query, now);
  if (asked === null) return { kind: "unavailable", reason: "what is asked for cannot be put into a query" };
  const told = await ask(messagesPath(asked, Math.max(1, Math.min(query.limit, LIMIT_MAX))));
  if (told.kind !== "told") return { kind: "unavailable", reason: told.reason };
  const messages = messagesIn(told);
  if (messages === null) return { kind: "unavailable", reason: "/v3/messages: no list of messages" };
  const items: ActivityItem[] = [];
  for (const message of messages) {
    const fields = recordOf(message);
    const id = textOf(fields["msg_id"]);
    const recipient = textOf(fields["to_email"]);
    if (id === null || recipient === null) continue;
    const attemptId = query.attemptId ?? (await attemptOf(ask, id));
    if (typeof attemptId === "object" && attemptId !== null) return attemptId;
    items.push({
      providerMessageId: messageIdOf(id)!,
      attemptId,
      recipient,
      sender: textOf(fields["from_email"]),
      state: textOf(fields["status"]) ?? "unknown",
      at: isoTimeOf(fields["last_event_time"]),
    });
  }
  return { kind: "answer", value: items };
}

/** Null: the message carries none, so it is not of ours. An attempt nobody could ask for is not the same as none. */
async function attemptOf(ask: Ask, id: string): Promise<string | null | { kind: "unavailable"; reason: string }> {
  const told = await ask(`/v3/messages/${encodeURIComponent(id)}`);
  if (told.kind !== "told") return { kind: "unavailable", reason: "/v3/messages: the details of a message" };
  const given = recordOf(told.json)["unique_args"];
  return textOf(recordOf(typeof given === "string" ? jsonOf(given) : given)["postern_attempt"]);
}

const messagesIn = (told: Told): readonly unknown[] | null =>
  told.kind === "told" ? listIn(told.json, "messages") : null;

const messagesPath = (query: string, limit: number): string =>
  `/v3/messages?${new URLSearchParams({ limit: String(limit), query })}`;

/** Values stand between quotes, and there is no way to write a quote in one. */
const quoted = (value: string): string | null => (/^[^"\\\p{Cc}]{1,320}$/u.test(value) ? `"${value}"` : null);

function byAttempt(attemptId: string): string | null {
  const value = quoted(attemptId);
  return value === null ? null : `unique_args['postern_attempt']=${value}`;
}

function queryText({ sinceMs, attemptId, recipient }: ActivityQuery, now: number): string | null {
  const [since, until] = [Math.max(0, sinceMs), now + MINUTE_MS].map((at) => new Date(at).toISOString());
  const terms = [`last_event_time BETWEEN TIMESTAMP "${since}" AND TIMESTAMP "${until}"`];
  for (const term of [
    attemptId === undefined ? undefined : byAttempt(attemptId),
    recipient === undefined ? undefined : quoted(recipient) && `to_email=${quoted(recipient)}`,
  ]) {
    if (term === null) return null;
    if (term !== undefined) terms.push(term);
  }
  return terms.join(" AND ");
}
