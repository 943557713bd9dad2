import { type AttemptId, type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/index.ts";
import type { ActivityItem, ActivityQuery, Asked } from "../account.ts";
import { type JsonRecord, recordOf, textOf } from "../json-reading.ts";
import type { LookupAnswer } from "../provider.ts";
import { eventOfData } from "./event-data.ts";
import type { Questions } from "./questions.ts";
import type { UnclearAttempts } from "../unclear-attempts.ts";

/** The most that one page of events may hold. */
const PAGE = 300;
/** How far back is looked for an attempt of before this process: free accounts keep events for a day. */
const KEPT_MS = 24 * HOUR_MS;
/** Events are written behind the answer; what is not there sooner than this may still come. */
const SETTLED_MS = 15 * SECOND_MS;

/**
 * Did Mailgun take it? Its log cannot be searched by variables ("Query Options" has no such field), so the events of the
 * first recipient around the time of the attempt are read for ours; without that knowledge all of the last day, and where
 * that is more than PAGES pages the question stays open.
 */
export async function lookUp(
  attemptId: AttemptId,
  questions: Questions,
  unclear: UnclearAttempts,
  clock: Clock,
): Promise<LookupAnswer> {
  const known = unclear.find(attemptId);
  const now = clock.now();
  const path = eventsPath(questions.domain, {
    begin: now + MINUTE_MS,
    end: known ? known.at - MINUTE_MS : now - KEPT_MS,
    event: "accepted OR rejected",
    ...(known ? { recipient: known.recipient } : {}),
  });
  let isTaken = false;
  const read = await questions.pages(
    path,
    () => isTaken,
    (item) => {
      isTaken ||= textOf(recordOf(item["user-variables"])["postern_attempt"]) === attemptId;
    },
  );
  if (isTaken) return "taken";
  if (read.kind === "unavailable" || !read.value.isWhole) return "unavailable";
  return now - (known?.at ?? unclear.startedAt) >= SETTLED_MS ? "unknown" : "unavailable";
}

/** Newest first; of several events of one message and recipient the last one tells the state. */
export async function askActivity(
  query: ActivityQuery,
  questions: Questions,
  clock: Clock,
): Promise<Asked<ActivityItem[]>> {
  const path = eventsPath(questions.domain, {
    begin: clock.now() + MINUTE_MS,
    end: query.sinceMs,
    event: "accepted OR rejected OR delivered OR failed",
    ...(query.recipient === undefined ? {} : { recipient: query.recipient }),
  });
  const items = new Map<string, ActivityItem>();
  const take = (event: JsonRecord): void => {
    const item = itemOf(event);
    const key = `${item?.providerMessageId} ${item?.recipient}`;
    if (!item || items.has(key)) return;
    if (query.attemptId === undefined || item.attemptId === query.attemptId) items.set(key, item);
  };
  const read = await questions.pages(path, () => items.size >= query.limit, take);
  if (read.kind === "unavailable") return read;
  return { kind: "answer", value: [...items.values()].slice(0, query.limit) };
}

function itemOf(data: JsonRecord): ActivityItem | null {
  const event = eventOfData(data, null);
  if (event === null || event.providerMessageId === null || event.recipient === null) return null;
  const envelope = recordOf(data["envelope"]);
  const headers = recordOf(recordOf(data["message"])["headers"]);
  return {
    providerMessageId: event.providerMessageId,
    attemptId: event.attemptId,
    recipient: event.recipient,
    sender: textOf(headers["from"]) ?? textOf(envelope["sender"]),
    state: event.type,
    at: event.at,
  };
}

/** `begin` later than `end`: newest first ("Time Range"). Milliseconds here, seconds there. */
function eventsPath(domain: string, fields: { begin: number; end: number; event: string; recipient?: string }): string {
  const query = new URLSearchParams({
    begin: String(Math.ceil(fields.begin / 1000)),
    end: String(Math.floor(fields.end / 1000)),
    limit: String(PAGE),
    event: fields.event,
    ...(fields.recipient === undefined ? {} : { recipient: fields.recipient }),
  });
  return `/v3/${encodeURIComponent(domain)}/events?${query.toString()}`;
}
