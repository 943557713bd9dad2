import { type Clock, type SpoolId, isUuid } from "../kernel/index.ts";
import { classFromNumber } from "../mail/index.ts";
import type { Queryable } from "../store/index.ts";
import type {
  AttemptStory,
  EventStory,
  MessageState,
  MessageStory,
  MessageSummary,
  RecipientStory,
  StoryReader,
} from "./story.ts";
import { listEvents } from "./event-list.ts";
import { listConditions } from "./story-filter.ts";

const COLUMNS = `m.spool_id, m.tenant, m.stream, m.class, m.door, m.accepted_at, m.send_at, m.expires_at, m.ended_at, m.return_path, m.author,
  m.header_message_id, m.size_bytes, m.tags, q.state AS queue_state, q.held_reason, q.due_at,
  (SELECT json_agg(json_build_object('address', r.address, 'state', r.state, 'reason', r.reason) ORDER BY r.n)
     FROM recipients r WHERE r.spool_id = m.spool_id) AS recipients`;

type SummaryRow = {
  spool_id: SpoolId;
  tenant: string;
  stream: string;
  class: number;
  door: string;
  accepted_at: number;
  send_at: number | null;
  expires_at: number | null;
  ended_at: number | null;
  return_path: string;
  author: string;
  header_message_id: string;
  size_bytes: number;
  tags: Record<string, string> | null;
  queue_state: "queued" | "leased" | "held" | null;
  held_reason: string | null;
  due_at: number | null;
  recipients: RecipientStory[] | null;
};

export function storyReader(database: Queryable, clock: Clock): StoryReader {
  return {
    events: (filter, limit, after) => listEvents(database, clock, filter, limit, after),

    async find(tenant, spoolId) {
      if (!isUuid(spoolId)) return null;
      const [row] = await database.query<SummaryRow>(
        `SELECT ${COLUMNS} FROM messages m LEFT JOIN queue q USING (spool_id) WHERE m.spool_id = $1 AND ($2::text IS NULL OR m.tenant = $2)`,
        [spoolId, tenant],
      );
      if (!row) return null;
      const summary = summaryOf(row, clock.now());
      const everyone = summary.recipients.map((_, n) => n);
      const attempts = await database.query<Omit<AttemptStory, "recipients"> & { recipients: number[] | null }>(
        `SELECT n, provider, route_reason AS "routeReason", recipients, intent_at AS "intentAt", settled_at AS "settledAt", outcome, scope, cause,
           reply_code AS "replyCode", enhanced_status AS "enhancedStatus", provider_message_id AS "providerMessageId", diagnostic
         FROM attempts WHERE spool_id = $1 ORDER BY n`,
        [spoolId],
      );
      const events = await database.query<EventStory>(
        "SELECT at, kind, detail FROM message_events WHERE spool_id = $1 ORDER BY event_id",
        [spoolId],
      );
      return {
        ...summary,
        attempts: attempts.map((a) => ({ ...a, recipients: a.recipients ?? everyone })),
        events,
      } satisfies MessageStory;
    },

    async list(filter, limit, after) {
      const now = clock.now();
      const { where, values } = listConditions(filter, after, now);
      const rows = await database.query<SummaryRow>(
        `SELECT ${COLUMNS} FROM ${filter.state && filter.state !== "ended" ? "queue q JOIN messages m" : "messages m LEFT JOIN queue q"} USING (spool_id)
         ${where} ORDER BY m.spool_id DESC LIMIT ${limit + 1}`,
        values,
      );
      const messages = rows.slice(0, limit).map((row) => summaryOf(row, now));
      return { messages, next: rows.length > limit ? messages.at(-1)!.spoolId : null };
    },
    async count(filter, most) {
      const { where, values } = listConditions(filter, null, clock.now());
      const [row] = await database.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM (SELECT 1 FROM messages m LEFT JOIN queue q USING (spool_id) ${where} LIMIT ${most}) found`,
        values,
      );
      return row!.n;
    },
  };
}

function stateOf({ queue_state: state, send_at: sendAt }: SummaryRow, now: number): MessageState {
  if (state === null) return "ended";
  if (state === "leased") return "in-flight";
  return state === "queued" && sendAt !== null && sendAt > now ? "scheduled" : state;
}

function summaryOf(row: SummaryRow, now: number): MessageSummary {
  const state = stateOf(row, now);
  return {
    spoolId: row.spool_id,
    tenant: row.tenant,
    stream: row.stream,
    class: classFromNumber(row.class),
    door: row.door,
    state,
    heldReason: row.held_reason,
    dueAt: state === "queued" || state === "scheduled" ? row.due_at : null,
    acceptedAt: row.accepted_at,
    sendAt: row.send_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    returnPath: row.return_path,
    author: row.author,
    headerMessageId: row.header_message_id,
    sizeBytes: row.size_bytes,
    tags: row.tags ?? {},
    recipients: row.recipients ?? [],
  };
}
