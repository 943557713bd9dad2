import { type DeliveryEvent, type DeliveryEventType, deliveryEvent, type RejectReason } from "../../mail/index.ts";
import { jsonOf, listOf, recordOf } from "../json-reading.ts";
import { oneLine } from "../webhook-proof.ts";
import { bracketed, textValues } from "./event-data.ts";

/** Fields of a form in their order; Mailgun puts variables of a message among its own fields, under their own names. */
export type Form = Map<string, string[]>;
const firstOf = (form: Form, name: string): string | null => form.get(name)?.[0] || null;
export const lastOf = (form: Form, name: string): string | null => form.get(name)?.at(-1) || null;

/** "Webhooks" of the manual before July 2018, kept in django-anymail (seen 2026-11-24). */
const TYPES: ReadonlyMap<string, DeliveryEventType> = new Map([
  ["delivered", "delivered"],
  ["dropped", "rejected"],
  ["bounced", "bounced"],
  ["complained", "complained"],
  ["unsubscribed", "unsubscribed"],
  ["opened", "opened"],
  ["clicked", "clicked"],
]);

/** Fields of an event that is no variable of ours. */
const OWN_FIELDS: ReadonlySet<string> = new Set(
  (
    "event recipient domain ip country region city user-agent device-type client-type client-name client-os campaign-id " +
    "campaign-name tag mailing-list timestamp token signature body-plain h message-id url"
  ).split(" "),
);

/** Of mail that a route forwards, parsed or as MIME ("Receiving, forwarding and storing messages"); an event has the first, too. */
const OF_RECEIVED_MAIL = ["sender", "message-headers", "body-mime", "body-plain", "attachment-count"];

/** A form without an event is such mail. */
export function eventOfLegacyForm(form: Form, token: string): DeliveryEvent | null {
  const name = firstOf(form, "event");
  if (name === null && !OF_RECEIVED_MAIL.some((one) => form.has(one))) return null;
  const metadata = variablesOf(form, name ?? "");
  const code = firstOf(form, "code");
  const type = name === null ? "inbound" : (TYPES.get(name) ?? "unknown");
  const tags = form.get("tag") ?? form.get("X-Mailgun-Tag") ?? [];
  return deliveryEvent({
    type,
    at: Number(lastOf(form, "timestamp")) * 1000,
    eventId: token,
    recipient: firstOf(form, "recipient"),
    providerMessageId: bracketed(firstOf(form, "Message-Id") ?? firstOf(form, "message-id")),
    attemptId: metadata["postern_attempt"] ?? lastOf(form, "postern_attempt"),
    spoolId: metadata["postern_id"] ?? lastOf(form, "postern_id"),
    rejectReason: code === null ? null : reasonOf(code),
    bounce: type === "bounced" ? (code?.startsWith("4") === true ? "soft" : "hard") : null,
    mtaResponse: oneLine(firstOf(form, "error") ?? firstOf(form, "notification")),
    description: oneLine(firstOf(form, "description")),
    url: firstOf(form, "url"),
    userAgent: firstOf(form, "user-agent"),
    tags: [...tags],
    metadata,
  });
}

/** SMTP codes, enhanced codes, and Mailgun's own: 605 bounced before, 607 complained before, 499 no server reached. */
function reasonOf(code: string): RejectReason {
  if (code === "499") return "timed_out";
  if (code === "605") return "bounced";
  if (code === "607") return "spam";
  return /^[45]/.test(code) ? "bounced" : "other";
}

/** From the message's header where the form has it; else every field that is not the event's own. */
function variablesOf(form: Form, event: string): Record<string, string> {
  const headers = firstOf(form, "message-headers");
  if (headers !== null) {
    const fields = listOf(jsonOf(headers)).map(listOf);
    const texts = fields.flatMap(([name, value]) => (name === "X-Mailgun-Variables" ? [String(value)] : []));
    return Object.assign({}, ...texts.map((text) => textValues(recordOf(jsonOf(text))))) as Record<string, string>;
  }
  if (!["clicked", "opened", "unsubscribed"].includes(event)) return {};
  const ours = [...form].filter(([name]) => !OWN_FIELDS.has(name));
  return Object.fromEntries(ours.map(([name, values]) => [name, values.at(-1) ?? ""]));
}
