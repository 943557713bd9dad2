import { type AttemptId, type Clock, HOUR_MS, MINUTE_MS } from "../../kernel/index.ts";
import { foldedAddress } from "../../mail/index.ts";
import type { ActivityItem, ActivityQuery, Asked } from "../account.ts";
import { isoTimeOf, type JsonRecord, textOf, textsOf } from "../json-reading.ts";
import type { LookupAnswer } from "../provider.ts";
import type { UnclearAttempts } from "../unclear-attempts.ts";
import { tagsOf } from "./events.ts";
import type { Questions } from "./questions.ts";

/** How far back is looked for an attempt of before this process: as long as Resend keeps the attempt's idempotency key. */
const KEPT_MS = 24 * HOUR_MS;
/** Messages asked about one by one: their tags are not in the list, and five requests a second are what an account has. */
const ONE_BY_ONE = 50;

/**
 * Did Resend take it? GET /emails, newest first, and of those to the attempt's recipient each one's tags by GET
 * /emails/{id}. A repeated POST with the same Idempotency-Key would answer too, but it is no question: where the first one
 * was lost it sends, perhaps long after the message expired or went another way.
 */
export async function lookUp(
  attemptId: AttemptId,
  questions: Questions,
  unclear: UnclearAttempts,
  clock: Clock,
): Promise<LookupAnswer> {
  const known = unclear.find(attemptId);
  const since = known ? known.at - MINUTE_MS : clock.now() - KEPT_MS;
  const found = await messagesSince(questions, since, known?.recipient, ONE_BY_ONE + 1);
  if (found.kind === "unavailable") return "unavailable";
  let isOpen = !found.value.isWhole;
  for (const message of found.value.messages.slice(0, ONE_BY_ONE)) {
    const tags = await tagsIn(message, questions);
    if (tags.kind === "unavailable") isOpen = true;
    else if (tags.value["postern_attempt"] === attemptId) return "taken";
  }
  return isOpen ? "unavailable" : "unknown";
}

/** One item per recipient. Unavailable where a message's tags cannot be read: it must not look like one nobody handed over. */
export async function askActivity(query: ActivityQuery, questions: Questions): Promise<Asked<ActivityItem[]>> {
  const found = await messagesSince(questions, query.sinceMs, query.recipient, Math.min(query.limit, ONE_BY_ONE));
  if (found.kind === "unavailable") return found;
  const items: ActivityItem[] = [];
  for (const message of found.value.messages) {
    const tags = await tagsIn(message, questions);
    if (tags.kind === "unavailable") return tags;
    const attemptId = tags.value["postern_attempt"] ?? null;
    if (query.attemptId !== undefined && query.attemptId !== attemptId) continue;
    items.push(...itemsOf(message, attemptId));
  }
  return { kind: "answer", value: items.slice(0, query.limit) };
}

type Found = { messages: JsonRecord[]; isWhole: boolean };

async function messagesSince(
  questions: Questions,
  since: number,
  recipient: string | undefined,
  most: number,
): Promise<Asked<Found>> {
  const messages: JsonRecord[] = [];
  let isPast = false;
  const read = await questions.list("/emails", (one) => {
    isPast = (isoTimeOf(one["created_at"]) ?? Infinity) < since;
    if (isPast) return false;
    if (recipient === undefined || isTo(one, recipient)) messages.push(one);
    return messages.length < most;
  });
  if (read.kind === "unavailable") return read;
  return { kind: "answer", value: { messages, isWhole: isPast || read.value.isWhole } };
}

async function tagsIn(message: JsonRecord, questions: Questions): Promise<Asked<Record<string, string>>> {
  const whole = await questions.get(`/emails/${encodeURIComponent(textOf(message["id"]) ?? "")}`);
  return whole.kind === "unavailable" ? whole : { kind: "answer", value: tagsOf(whole.value["tags"]) };
}

/** `Name <address>`, or the address alone. */
const addressesIn = (message: JsonRecord): string[] =>
  ["to", "cc", "bcc"].flatMap((list) =>
    textsOf(message[list]).map((one) => /<([^<>]+)>\s*$/.exec(one)?.[1] ?? one.trim()),
  );
const isTo = (message: JsonRecord, recipient: string): boolean =>
  addressesIn(message).some((one) => foldedAddress(one) === foldedAddress(recipient));

const itemsOf = (message: JsonRecord, attemptId: string | null): ActivityItem[] =>
  addressesIn(message).map((recipient) => ({
    providerMessageId: textOf(message["id"]) ?? "",
    attemptId,
    recipient,
    sender: textOf(message["from"]),
    state: textOf(message["last_event"]) ?? "unknown",
    at: isoTimeOf(message["created_at"]),
  }));
