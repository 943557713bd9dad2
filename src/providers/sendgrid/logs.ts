import { isoTimeOf, jsonOf, recordOf, textOf } from "../json-reading.ts";
import { type Ask, listIn, type Told } from "./ask.ts";

/**
 * SendGrid's two logs. The Email Activity API (GET /v3/messages) finds by a custom argument and is an addition of the
 * plan; the Email Logs API (POST /v3/logs) every account has, for 30 days, and does not. Neither list tells the custom
 * arguments, the details of a message do (OpenAPI of both; "Getting started with the Email Activity API"; "Email Logs";
 * seen 2026-11-25).
 */
export type LogName = "activity" | "logs";
const LOGS = {
  activity: { place: "/v3/messages", id: "msg_id", at: "last_event_time", custom: "unique_args" },
  logs: { place: "/v3/logs", id: "sg_message_id", at: "sg_message_id_created_at", custom: "custom_args" },
} as const;
/** Of both. */
const LIMIT_MAX = 1_000;

export type LogQuery = {
  sinceMs: number;
  untilMs: number;
  attemptId?: string | undefined;
  recipient?: string | undefined;
};
export type LogEntry = { id: string; recipient: string; sender: string | null; state: string; at: number | null };
export type Found = { kind: "entries"; log: LogName; entries: LogEntry[] } | Exclude<Told, { kind: "told" }>;

/** One search. An attempt cannot be asked for in `logs`: what is found there must be looked at one by one. */
export async function searchLog(ask: Ask, log: LogName, query: LogQuery, limit: number): Promise<Found> {
  const text = queryText(log, query);
  if (text === null) return { kind: "silent", reason: "what is asked for cannot be put into a query" };
  const bounded = Math.max(1, Math.min(limit, LIMIT_MAX));
  const { place } = LOGS[log];
  const told = await (log === "logs"
    ? ask(place, { query: text, limit: bounded })
    : ask(`${place}?${new URLSearchParams({ limit: String(bounded), query: text })}`));
  if (told.kind !== "told") return told;
  const list = listIn(told.json, "messages");
  if (list === null) return { kind: "silent", reason: `${place}: no list of messages` };
  return { kind: "entries", log, entries: list.flatMap((one) => entryOf(log, one)) };
}

function entryOf(log: LogName, message: unknown): LogEntry[] {
  const fields = recordOf(message);
  const id = textOf(fields[LOGS[log].id]);
  const recipient = textOf(fields["to_email"]);
  if (id === null || recipient === null) return [];
  const [sender, state] = [textOf(fields["from_email"]), textOf(fields["status"]) ?? "unknown"];
  return [{ id, recipient, sender, state, at: isoTimeOf(fields[LOGS[log].at]) }];
}

/** undefined: nobody can say. Null: the message carries none of ours. */
export async function attemptOf(ask: Ask, log: LogName, id: string): Promise<string | null | undefined> {
  const told = await ask(`${LOGS[log].place}/${encodeURIComponent(id)}`);
  if (told.kind !== "told") return undefined;
  const given = recordOf(told.json)[LOGS[log].custom]; // text of JSON in the one, an object in the other
  return textOf(recordOf(typeof given === "string" ? jsonOf(given) : given)["postern_attempt"]);
}

function queryText(log: LogName, { sinceMs, untilMs, attemptId, recipient }: LogQuery): string | null {
  const [since, until] = [Math.max(0, sinceMs), untilMs].map((at) => `TIMESTAMP "${new Date(at).toISOString()}"`);
  const { at } = LOGS[log];
  const terms: (string | null)[] = [
    log === "logs" ? `${at} >= ${since} AND ${at} <= ${until}` : `${at} BETWEEN ${since} AND ${until}`,
  ];
  if (attemptId !== undefined && log === "activity") terms.push(equal("unique_args['postern_attempt']", attemptId));
  if (recipient !== undefined) terms.push(equal("to_email", recipient));
  return terms.includes(null) ? null : terms.join(" AND ");
}

/** Values stand between quotes, and there is no way to write a quote in one. */
const equal = (name: string, value: string): string | null =>
  /^[^"\\\p{Cc}]{1,320}$/u.test(value) ? `${name}="${value}"` : null;
