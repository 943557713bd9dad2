import type { SentMessage, TwinAccount } from "./account.ts";
import type { TwinReply, TwinRequest } from "./dialect.ts";
import { NOT_FOUND, refusal } from "./sendgrid-errors.ts";

type Entry = { msgId: string; message: SentMessage; recipient: string };

/** SendGrid has one entry per recipient; the id goes on behind the X-Message-Id with the machine that took it. */
export const messageIdFor = ({ id }: SentMessage, recipientNumber: number): string =>
  `${id}.recvd-twin-1-${recipientNumber}.${recipientNumber}`;

const STATUSES = { delivered: "delivered", bounced: "not_delivered", rejected: "not_delivered" } as const;

/** GET /v3/messages and /v3/messages/{msg_id} (OpenAPI of the v3 Email Activity API, seen 2026-11-25). */
export function activityOf(request: TwinRequest, account: TwinAccount): TwinReply | null {
  if (request.method !== "GET") return null;
  if (request.path === "/v3/messages") return search(request.query, account);
  const id = /^\/v3\/messages\/([^/]+)$/.exec(request.path)?.[1];
  if (id === undefined) return null;
  const found = entriesOf(account).find(({ msgId }) => msgId === decodeURIComponent(id));
  return found ? { status: 200, body: details(found) } : NOT_FOUND;
}

function search(query: URLSearchParams, account: TwinAccount): TwinReply {
  const limit = Number(query.get("limit") ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) return refusal(400, "limit must be 1 to 1000", "limit");
  const terms = termsOf(query.get("query") ?? "");
  if (terms === null) return refusal(400, "invalid query syntax", "query");
  const found = entriesOf(account).filter((entry) => terms.every((fits) => fits(entry)));
  const latest = found.toReversed().slice(0, limit);
  return { status: 200, body: { messages: latest.map(summary) } };
}

type Term = (entry: Entry) => boolean;

/** What of the query language anybody here asks: terms joined by AND. Null where it is something else. */
function termsOf(text: string): Term[] | null {
  if (text === "") return [];
  const between = /^last_event_time BETWEEN TIMESTAMP "([^"]+)" AND TIMESTAMP "([^"]+)"(?: AND |$)/.exec(text);
  const rest = between ? text.slice(between[0].length) : text;
  const [since, until] = between ? [Date.parse(between[1]!), Date.parse(between[2]!)] : [-Infinity, Infinity];
  const terms: Term[] = [({ message }) => message.at >= since && message.at <= until];
  for (const term of rest === "" ? [] : rest.split(" AND ")) {
    const [, name, argument, value] = /^\(?(?:(\w+)|unique_args\['(\w+)'\])="([^"]*)"\)?$/.exec(term) ?? [];
    if (value === undefined) return null;
    if (argument !== undefined) terms.push(({ message }) => message.metadata[argument] === value);
    else if (name === "to_email") terms.push(({ recipient }) => recipient === value);
    else if (name === "from_email") terms.push(({ message }) => message.from === value);
    else if (name === "subject") terms.push(({ message }) => message.subject === value);
    else if (name === "msg_id") terms.push(({ msgId }) => msgId === value);
    else return null;
  }
  return terms;
}

const entriesOf = ({ sent }: TwinAccount): Entry[] =>
  sent.flatMap((message) =>
    message.recipients.map((recipient, n) => ({ msgId: messageIdFor(message, n), message, recipient })),
  );

const statusOf = ({ message, recipient }: Entry): string => {
  const end = message.ends.get(recipient);
  return end !== undefined && end in STATUSES ? STATUSES[end as keyof typeof STATUSES] : "processed";
};

const summary = (entry: Entry) => ({
  from_email: entry.message.from,
  msg_id: entry.msgId,
  subject: entry.message.subject,
  to_email: entry.recipient,
  status: statusOf(entry),
  opens_count: 0,
  clicks_count: 0,
  last_event_time: new Date(entry.message.at).toISOString(),
});

const details = (entry: Entry) => ({
  from_email: entry.message.from,
  msg_id: entry.msgId,
  subject: entry.message.subject,
  to_email: entry.recipient,
  status: statusOf(entry),
  template_id: "",
  asm_group_id: 0,
  teammate: "",
  api_key_id: "",
  originating_ip: "127.0.0.1",
  categories: entry.message.tags,
  unique_args: JSON.stringify(entry.message.metadata),
  outbound_ip: "127.0.0.1",
  outbound_ip_type: "shared",
  events: [{ event_name: "processed", processed: new Date(entry.message.at).toISOString() }],
});
