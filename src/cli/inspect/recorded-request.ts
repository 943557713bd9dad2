import { z } from "zod";
import type { WebhookRequest } from "../../providers/index.ts";

/** A request as it was recorded. What else stands in the file (what somebody expected of it, say) is left alone. */
export const RecordedRequest = z.object({
  name: z.string().max(500).optional(),
  method: z.string().max(20).default("POST"),
  url: z.string().max(10_000).default(""),
  content_type: z.string().max(1_000).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  body_base64: z.string().optional(),
  form: z.array(z.tuple([z.string(), z.unknown()])).optional(),
  receiver_config: z.record(z.string(), z.unknown()).default({}),
});
export type RecordedRequest = z.infer<typeof RecordedRequest>;

export function requestOf(recorded: RecordedRequest): WebhookRequest {
  const headers: Record<string, string> = {};
  if (recorded.content_type !== undefined) headers["content-type"] = recorded.content_type;
  for (const [name, value] of Object.entries(recorded.headers)) headers[name.toLowerCase()] = asOnTheWire(value);
  return { method: recorded.method, url: recorded.url, headers, body: bodyOf(recorded) };
}

function bodyOf({ body, body_base64: encoded, form }: RecordedRequest): Buffer {
  if (encoded !== undefined) return Buffer.from(encoded, "base64");
  const fields = (form ?? []).filter((field): field is [string, string] => typeof field[1] === "string");
  return Buffer.from(body ?? new URLSearchParams(fields).toString());
}

/** Recordings made in Python have octets as that shows them: `b'MEUC…'`. */
const asOnTheWire = (value: string): string => /^b'([^']*)'$/.exec(value)?.[1] ?? value;

/** Headers with the time of signing, and members of a body that have it: seconds, or an instant of RFC 3339 (SNS). */
const TIME_HEADERS = ["x-twilio-email-event-webhook-timestamp", "svix-timestamp", "webhook-timestamp"];
const TIME_IN_BODY =
  /"timestamp"\s*:\s*"?(\d{10})\b|name="timestamp"\r?\n(?:[\w-]+:[^\r\n]*\r?\n)*\r?\n(\d{10})\b|(?:^|&)timestamp=(\d{10})\b|"Timestamp"\s*:\s*"(\d{4}-\d\d-\d\dT[\d:.]{5,15}Z)"/;

/** When a request says that it was signed, milliseconds since the epoch; null where it does not say. */
export function timeOf({ headers, body }: WebhookRequest): number | null {
  const header = TIME_HEADERS.map((name) => headers[name]).find((value) => value !== undefined);
  const found = TIME_IN_BODY.exec(body.toString("latin1", 0, 1024 * 1024));
  const text = header ?? found?.slice(1).find((one) => one !== undefined);
  if (text === undefined) return null;
  const at = /^\d{1,12}$/.test(text) ? Number(text) * 1_000 : Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
