import type { SpoolId } from "../../../kernel/index.ts";
import type { EventCursor, EventEntry, EventFilter } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import type { ActivityQuery } from "./activity-query.ts";
import { statusAfter } from "./activity-there.ts";
import { type Fault, fault } from "./dialect.ts";

/** A recipient of a message, and what happened last. */
export type Activity = {
  spoolId: SpoolId;
  n: number;
  recipient: string;
  last: EventEntry;
  opens: number;
  clicks: number;
};

const PAGE = 1_000;
/** Events that are read through for one answer. */
const LOOKED_AT = 20_000;

type Parts = Pick<CompatParts, "stories">;

/** By their last event, newest first, as many as `limit`. */
export async function activities(
  tenant: string,
  query: ActivityQuery,
  limit: number,
  parts: Parts,
): Promise<Activity[] | Fault> {
  const filter: EventFilter = {
    tenant,
    ...(query.spoolId === undefined ? {} : { spoolId: query.spoolId }),
    ...(query.recipient === undefined ? {} : { recipient: query.recipient }),
    ...(query.author === undefined ? {} : { author: query.author }),
    ...(query.tag === undefined ? {} : { tag: query.tag }),
  };
  const span = {
    ...(query.after === undefined ? {} : { after: query.after }),
    ...(query.before === undefined ? {} : { before: query.before }),
  };
  /** Null: seen, and not asked for. */
  const seen = new Map<string, Activity | null>();
  const found: Activity[] = [];
  let cursor: EventCursor | null = null;
  for (let read = 0; found.length < limit; read += PAGE) {
    if (read >= LOOKED_AT)
      return fault(
        400,
        "More happened than is read through for one answer. Narrow the query by last_event_time.",
        "query",
      );
    const page = await parts.stories.events({ ...filter, ...span }, PAGE, cursor);
    const fresh: Activity[] = [];
    for (const last of page.events) {
      const { spoolId, recipientNumber: n, recipient } = last;
      if (n === null || recipient === null || seen.has(`${spoolId} ${n}`)) continue;
      const isAsked = (query.n ?? n) === n && (query.statuses?.includes(statusAfter(last.kind)) ?? true);
      const one = isAsked ? { spoolId, n, recipient, last, opens: 0, clicks: 0 } : null;
      seen.set(`${spoolId} ${n}`, one);
      if (one) fresh.push(one);
    }
    found.push(...(query.before === undefined ? fresh : await withNothingLater(fresh, tenant, query.before, parts)));
    cursor = page.next;
    if (cursor === null) break;
  }
  const wanted = found.slice(0, limit);
  await count(wanted, filter, parts);
  return wanted;
}

/** What ends before an instant is asked for by what happened last: whoever heard something later is not meant. */
async function withNothingLater(
  fresh: Activity[],
  tenant: string,
  before: number,
  { stories }: Parts,
): Promise<Activity[]> {
  const later = new Map<SpoolId, Set<number | null>>();
  for (const { spoolId } of fresh) {
    if (later.has(spoolId)) continue;
    const { events } = await stories.events({ tenant, spoolId, after: before }, PAGE, null);
    later.set(spoolId, new Set(events.map((one) => one.recipientNumber)));
  }
  return fresh.filter(({ spoolId, n }) => !later.get(spoolId)!.has(n));
}

/** Openings and clicks that providers told of; they come after the message was accepted. */
async function count(wanted: readonly Activity[], filter: EventFilter, { stories }: Parts): Promise<void> {
  if (wanted.length === 0) return;
  const byKey = new Map(wanted.map((one) => [`${one.spoolId} ${one.n}`, one]));
  const after = Math.min(...wanted.map(({ last }) => last.message.acceptedAt));
  const kinds = ["message.opened", "message.clicked"];
  let cursor: EventCursor | null = null;
  for (let read = 0; read < LOOKED_AT; read += PAGE) {
    const page = await stories.events({ ...filter, kinds, after }, PAGE, cursor);
    for (const { spoolId, recipientNumber, kind } of page.events) {
      const one = byKey.get(`${spoolId} ${recipientNumber}`);
      if (one && kind === "message.opened") one.opens += 1;
      else if (one) one.clicks += 1;
    }
    cursor = page.next;
    if (cursor === null) return;
  }
}
