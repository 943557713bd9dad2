import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import { type JsonRecord, numberOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { oneLine } from "../webhook-proof.ts";

/** "Event Types", Mailgun manual, seen 2026-11-24. Of failed the severity decides. */
const TYPES: ReadonlyMap<string, DeliveryEventType> = new Map([
  ["accepted", "queued"],
  ["rejected", "rejected"],
  ["delivered", "delivered"],
  ["failed", "bounced"],
  ["opened", "opened"],
  ["clicked", "clicked"],
  ["unsubscribed", "unsubscribed"],
  ["complained", "complained"],
  ["stored", "inbound"],
]);

/** Nowhere listed by Mailgun; as seen in its samples and by django-anymail (seen 2026-11-24). Any other is `other`. */
const REASONS: ReadonlyMap<string, RejectReason> = new Map([
  ["bounce", "bounced"],
  ["suppress-bounce", "bounced"],
  ["suppress-complaint", "spam"],
  ["suppress-unsubscribe", "unsubscribed"],
  ["espblock", "blocked"],
  ["old", "timed_out"],
]);

/** `event-data` of a notice, or an item of the events API: the same document ("Event Structure"). @param eventId null: its own id. */
export function eventOfData(data: JsonRecord, eventId: string | null): DeliveryEvent | null {
  const name = textOf(data["event"]);
  if (name === null) return null;
  const severity = textOf(data["severity"]);
  const known = TYPES.get(name) ?? "unknown";
  const type = known === "bounced" && severity === "temporary" ? "deferred" : known;
  const status = recordOf(data["delivery-status"]);
  const reject = recordOf(data["reject"]);
  const headers = recordOf(recordOf(data["message"])["headers"]);
  const variables = recordOf(data["user-variables"]);
  const seconds = numberOf(data["timestamp"]);
  const reason = textOf(data["reason"]);
  return deliveryEvent({
    type,
    at: seconds === null ? null : Math.round(seconds * 1000),
    // An id of Mailgun's is "unique within a day" only; a token is good once.
    eventId: eventId ?? textOf(data["id"]),
    recipient: textOf(data["recipient"]) ?? (type === "rejected" ? addressIn(textOf(headers["to"])) : null),
    providerMessageId: bracketed(textOf(headers["message-id"])),
    attemptId: textOf(variables["postern_attempt"]),
    spoolId: textOf(variables["postern_id"]),
    rejectReason: reasonOf(type, reason),
    bounce: type === "bounced" ? (severity === "permanent" ? "hard" : null) : null,
    mtaResponse: oneLine(textOf(status["message"])),
    description: oneLine(textOf(status["description"]) ?? textOf(reject["reason"])),
    url: textOf(data["url"]),
    userAgent: textOf(recordOf(data["client-info"])["user-agent"]),
    tags: textsOf(data["tags"]),
    metadata: textValues(variables),
  });
}

function reasonOf(type: DeliveryEventType, reason: string | null): RejectReason | null {
  if (reason !== null) return REASONS.get(reason) ?? "other";
  return type === "rejected" ? "other" : null;
}

/** As the messages API gives it: in angle brackets, which events leave out. */
export const bracketed = (id: string | null): string | null => (id === null || id.startsWith("<") ? id : `<${id}>`);

const addressIn = (field: string | null): string | null =>
  field === null
    ? null
    : (/<([^<>\s]+@[^<>\s]+)>/.exec(field)?.[1] ?? /^\s*([^<>\s,]+@[^<>\s,]+)\s*$/.exec(field)?.[1] ?? null);

/** Variables are texts, or JSON where they were given as such. */
export function textValues(record: JsonRecord): Record<string, string> {
  const texts: [string, string][] = Object.entries(record).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts);
}
