import type { SentMessage, TwinAccount } from "./account.ts";
import type { TwinReply, TwinRequest } from "./dialect.ts";
import { FORBIDDEN, NOT_FOUND, refusal } from "./sendgrid-errors.ts";
import { recordOf } from "./sendgrid-mail.ts";

type Entry = { msgId: string; message: SentMessage; recipient: string };

/** SendGrid has one entry per recipient; the id goes on behind the X-Message-Id with the machine that took it. */
export const messageIdFor = ({ id }: SentMessage, recipientNumber: number): string =>
  `${id}.recvd-twin-1-${recipientNumber}.${recipientNumber}`;

const STATUSES = { delivered: "delivered", bounced: "not_delivered", rejected: "not_delivered" } as const;

/** The Email Activity API is an addition of the plan; an account has it unless this was put. */
export const WITHOUT_EMAIL_ACTIVITY = { id: "plan", emailActivity: false };

/**
 * GET /v3/messages and /v3/messages/{msg_id}, POST /v3/logs and GET /v3/logs/{sg_message_id} (OpenAPI of the v3 Email
 * Activity and Email Logs APIs, seen 2026-11-25).
 */
export function activityOf(request: TwinRequest, account: TwinAccount): TwinReply | null {
  const { method, path, query } = request;
  const [, log, id] = /^\/v3\/(messages|logs)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (log === undefined) return null;
  const isLogs = log === "logs";
  if (!isLogs && account.things("setting").get("plan")?.["emailActivity"] === false) return FORBIDDEN;
  if (id !== undefined && method === "GET") {
    const found = entriesOf(account).find(({ msgId }) => msgId === decodeURIComponent(id));
    return found ? { status: 200, body: isLogs ? logDetails(found) : details(found) } : NOT_FOUND;
  }
  if (id !== undefined || method !== (isLogs ? "POST" : "GET")) return null;
  const given = recordOf(request.json);
  return isLogs
    ? search(account, LOG_TERMS, String(given["query"] ?? ""), Number(given["limit"] ?? 10), logSummary)
    : search(account, ACTIVITY_TERMS, query.get("query") ?? "", Number(query.get("limit") ?? 10), summary);
}

function search(
  account: TwinAccount,
  language: Language,
  query: string,
  limit: number,
  shown: (entry: Entry) => object,
): TwinReply {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) return refusal(400, "limit must be 1 to 1000", "limit");
  const terms = termsOf(query, language);
  if (terms === null) return refusal(400, "invalid query syntax", "query");
  const found = entriesOf(account).filter((entry) => terms.every((fits) => fits(entry)));
  return { status: 200, body: { messages: found.toReversed().slice(0, limit).map(shown) } };
}

type Term = (entry: Entry) => boolean;
/** What each log lets be asked, as far as anybody here asks: a form, and what it means. */
type Language = readonly (readonly [form: RegExp, means: (...parts: string[]) => Term])[];

const EQUALS: Language = [
  [
    /^to_email="([^"]*)"$/,
    (value) =>
      ({ recipient }) =>
        recipient === value,
  ],
  [
    /^subject="([^"]*)"$/,
    (value) =>
      ({ message }) =>
        message.subject === value,
  ],
];
const ACTIVITY_TERMS: Language = [
  ...EQUALS,
  [
    /^from_email="([^"]*)"$/,
    (value) =>
      ({ message }) =>
        message.from === value,
  ],
  [
    /^msg_id="([^"]*)"$/,
    (value) =>
      ({ msgId }) =>
        msgId === value,
  ],
  [
    /^unique_args\['(\w+)'\]="([^"]*)"$/,
    (name, value) =>
      ({ message }) =>
        message.metadata[name!] === value,
  ],
  [
    /^last_event_time BETWEEN TIMESTAMP "([^"]+)" AND TIMESTAMP "([^"]+)"$/,
    (since, until) =>
      ({ message }) =>
        message.at >= Date.parse(since!) && message.at <= Date.parse(until!),
  ],
];
/** Custom arguments are not among them. */
const LOG_TERMS: Language = [
  ...EQUALS,
  [
    /^sg_message_id="([^"]*)"$/,
    (value) =>
      ({ msgId }) =>
        msgId === value,
  ],
  [
    /^sg_message_id_created_at >=? TIMESTAMP "([^"]+)"$/,
    (since) =>
      ({ message }) =>
        message.at >= Date.parse(since!),
  ],
  [
    /^sg_message_id_created_at <=? TIMESTAMP "([^"]+)"$/,
    (until) =>
      ({ message }) =>
        message.at <= Date.parse(until!),
  ],
];

/** Terms joined by AND, the one between the two ends of BETWEEN apart. Null where a term is none of the language. */
function termsOf(text: string, language: Language): Term[] | null {
  if (text === "") return [];
  const terms = text.split(/ AND (?!TIMESTAMP )/).map((term) => {
    for (const [form, means] of language) {
      const parts = form.exec(term);
      if (parts) return means(...parts.slice(1));
    }
    return null;
  });
  return terms.includes(null) ? null : (terms as Term[]);
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

const logSummary = (entry: Entry) => ({
  from_email: entry.message.from,
  sg_message_id: entry.msgId,
  subject: entry.message.subject,
  to_email: entry.recipient,
  status: statusOf(entry) === "not_delivered" ? "bounced" : statusOf(entry),
  sg_message_id_created_at: new Date(entry.message.at).toISOString(),
});

const logDetails = (entry: Entry) => ({
  ...logSummary(entry),
  api_key_id: "",
  client_ip: "127.0.0.1",
  category: entry.message.tags,
  custom_args: entry.message.metadata,
  events: [{ event: "processed", timestamp: new Date(entry.message.at).toISOString() }],
});
