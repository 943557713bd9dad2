import type { SpoolId } from "../kernel/index.ts";
import type { MessageFilter, MessageState } from "./story.ts";

/** Written per state over `messages m` beside `queue q`; `now` stands for the placeholder of the instant asked at. */
const STATE_SQL: Record<MessageState, (now: () => string) => string> = {
  scheduled: (now) => `q.state = 'queued' AND m.send_at > ${now()}`,
  queued: (now) => `q.state = 'queued' AND (m.send_at IS NULL OR m.send_at <= ${now()})`,
  "in-flight": () => "q.state = 'leased'",
  held: () => "q.state = 'held'",
  ended: () => "m.ended_at IS NOT NULL",
};

/**
 * Ids begin with the instant their message was accepted at (RFC 9562 §5.7), so a span of time is a range of the index
 * (tenant, spool_id). The instant itself decides; this far its clock may have moved between the two.
 */
const ID_SLACK_MS = 60_000;
const idFrom = (at: number): string => {
  const hex = Math.min(Math.max(0, Math.floor(at)), 0xffff_ffff_ffff)
    .toString(16)
    .padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
};

/** Ids of what was accepted in a span, with a margin. */
export const idSpan = (from: number, to: number): [least: string, before: string] => [
  idFrom(from - ID_SLACK_MS),
  idFrom(to + ID_SLACK_MS),
];

/** Collects conditions and their values; no text of a client ever comes into the statement itself. */
export class Conditions {
  readonly values: unknown[];
  readonly #parts: string[] = [];

  constructor(values: unknown[] = []) {
    this.values = values;
  }

  /** Conditions of another part of the same statement. */
  part(): Conditions {
    return new Conditions(this.values);
  }

  /** @returns the placeholder that stands for it. */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
  add(sql: string): void {
    this.#parts.push(sql);
  }
  get where(): string {
    return this.#parts.length > 0 ? `WHERE ${this.#parts.join(" AND ")}` : "";
  }
}

/** Which messages: conditions over `messages m`. */
export function messageConditions(conditions: Conditions, filter: Omit<MessageFilter, "state" | "event">): void {
  const { tenant, stream, recipient, author, authorDomain, headerMessageId, tag, acceptedAfter, acceptedBefore } =
    filter;
  const p = (value: unknown): string => conditions.value(value);
  if (tenant !== null) conditions.add(`m.tenant = ${p(tenant)}`);
  if (stream !== undefined) conditions.add(`m.stream = ${p(stream)}`);
  if (author !== undefined) conditions.add(`lower(m.author COLLATE "C") = lower(${p(author)}::text COLLATE "C")`);
  if (authorDomain !== undefined) {
    const length = p(authorDomain.length + 1);
    conditions.add(
      `right(lower(m.author COLLATE "C"), ${length}::int) IN (${p(`@${authorDomain}`)}, ${p(`.${authorDomain}`)})`,
    );
  }
  if (headerMessageId !== undefined) conditions.add(`m.header_message_id = ${p(headerMessageId)}`);
  if (recipient !== undefined) {
    conditions.add(
      `EXISTS (SELECT FROM recipients x WHERE x.spool_id = m.spool_id AND lower(x.address COLLATE "C") = lower(${p(recipient)}::text COLLATE "C"))`,
    );
  }
  if (tag !== undefined) {
    conditions.add(tag.value === undefined ? `m.tags ? ${p(tag.name)}` : `m.tags ->> ${p(tag.name)} = ${p(tag.value)}`);
  }
  if (acceptedAfter !== undefined) {
    conditions.add(
      `m.accepted_at >= ${p(new Date(acceptedAfter))} AND m.spool_id >= ${p(idFrom(acceptedAfter - ID_SLACK_MS))}`,
    );
  }
  if (acceptedBefore !== undefined) {
    conditions.add(
      `m.accepted_at < ${p(new Date(acceptedBefore))} AND m.spool_id < ${p(idFrom(acceptedBefore + ID_SLACK_MS))}`,
    );
  }
}

/** The page of a list that comes after `after`, newest first. */
export function listConditions(filter: MessageFilter, after: SpoolId | null, now: number): Conditions {
  const conditions = new Conditions();
  messageConditions(conditions, filter);
  if (after !== null) conditions.add(`m.spool_id < ${conditions.value(after)}`);
  if (filter.event !== undefined) {
    conditions.add(
      `EXISTS (SELECT FROM message_events x WHERE x.spool_id = m.spool_id AND x.kind = ${conditions.value(filter.event)})`,
    );
  }
  if (filter.state) conditions.add(STATE_SQL[filter.state](() => conditions.value(new Date(now))));
  return conditions;
}
