import { type DeliveryEvent, type DeliveryEventType, type RejectReason, deliveryEvent } from "../../mail/index.ts";
import { oneLine } from "../webhook-proof.ts";

/** SendGrid, "Event Webhook reference", seen 2026-11-25. What is not in it is `unknown`, and kept in the description. */
const TYPES: Readonly<Record<string, DeliveryEventType>> = {
  processed: "queued",
  deferred: "deferred",
  delivered: "delivered",
  bounce: "bounced",
  dropped: "rejected",
  open: "opened",
  click: "clicked",
  spamreport: "complained",
  unsubscribe: "unsubscribed",
  group_unsubscribe: "unsubscribed",
  group_resubscribe: "subscribed",
};

/** Why it was dropped, in its own few words; `type` of some, `reason` of most. */
const REASONS: Readonly<Record<string, RejectReason>> = {
  invalid: "invalid",
  "bounced address": "bounced",
  bounce: "bounced",
  "unsubscribed address": "unsubscribed",
  "spam reporting address": "spam",
  "spam content": "spam",
  blocked: "blocked",
  expired: "timed_out",
};

/** Fields of its own; custom arguments stand beside them in the same object, and are what is left. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "asm_group_id",
  "attempt",
  "bounce_classification",
  "category",
  "cert_err",
  "email",
  "event",
  "ip",
  "marketing_campaign_id",
  "marketing_campaign_name",
  "marketing_campaign_split_id",
  "marketing_campaign_version",
  "mc_stats",
  "newsletter",
  "nlvx_campaign_id",
  "nlvx_campaign_split_id",
  "nlvx_user_id",
  "phase_id",
  "pool",
  "post_type",
  "reason",
  "response",
  "send_at",
  "sg_content_type",
  "sg_event_id",
  "sg_machine_open",
  "sg_message_id",
  "sg_template_id",
  "sg_template_name",
  "singlesend_id",
  "singlesend_name",
  "smtp-id",
  "status",
  "template_id",
  "timestamp",
  "tls",
  "type",
  "url",
  "url_offset",
  "useragent",
]);

const TEXT_CHARACTERS = 1_000;
const ENTRIES = 50;

type Fields = Readonly<Record<string, unknown>>;

/** One entry of a notice. Null where it is no event at all. */
export function eventOf(entry: unknown): DeliveryEvent | null {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return null;
  const fields = entry as Fields;
  const name = text(fields["event"]);
  if (name === null) return null;
  const type = Object.hasOwn(TYPES, name) ? TYPES[name]! : "unknown";
  return deliveryEvent({
    type,
    at: instant(fields["timestamp"]),
    recipient: text(fields["email"]),
    eventId: text(fields["sg_event_id"]),
    providerMessageId: messageIdOf(text(fields["sg_message_id"])),
    attemptId: text(fields["postern_attempt"]),
    spoolId: text(fields["postern_id"]),
    rejectReason: reasonOf(type, fields),
    bounce: type === "bounced" ? (text(fields["type"]) === "bounce" ? "hard" : "soft") : null,
    mtaResponse: type === "rejected" ? null : oneLine(text(fields["response"]) ?? text(fields["reason"])),
    description: oneLine(describe(type, name, fields)),
    url: text(fields["url"]),
    userAgent: text(fields["useragent"]),
    tags: tagsOf(fields["category"]),
    metadata: customArguments(fields),
  });
}

/**
 * `X-Message-Id` of the answer to a hand-off: what `sg_message_id` has before the machine that filtered it
 * (`Lli-03HcQ5-JLybO9fXsJg.filter0077p1las1.21536.5717FC482.0`, `….recvd-55f8…-1-6583-2.0`).
 */
export const messageIdOf = (whole: string | null): string | null =>
  whole === null ? null : whole.replace(/(?<=.)\.(?:filter|recvd).*$/, "");

function reasonOf(type: DeliveryEventType, fields: Fields): RejectReason | null {
  const said = (text(fields["type"]) ?? text(fields["reason"]) ?? "").toLowerCase();
  if (type === "rejected") return Object.hasOwn(REASONS, said) ? REASONS[said]! : "other";
  // A bounce of type `blocked` speaks of our mail or their policy, not of the mailbox.
  return type === "bounced" && (said === "blocked" || said === "expired") ? REASONS[said]! : null;
}

function describe(type: DeliveryEventType, name: string, fields: Fields): string | null {
  if (type === "rejected") return text(fields["reason"]);
  if (type === "bounced") return text(fields["bounce_classification"]);
  // `account_status_change`: compliance_suspend, compliance_deactivate, compliance_ban, compliance_reactivate.
  if (type === "unknown") return [name, text(fields["type"])].filter((one) => one !== null).join(": ");
  return null;
}

const text = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value.slice(0, TEXT_CHARACTERS).toWellFormed() : null;

/** Seconds since 1970; some send them as text. */
function instant(value: unknown): number | null {
  const seconds = typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof seconds === "number" && seconds > 0 && seconds < 1e12 ? Math.floor(seconds * 1000) : null;
}

function tagsOf(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.flatMap((one) => text(one) ?? []).slice(0, ENTRIES);
}

function customArguments(fields: Fields): Record<string, string> {
  const found = Object.entries(fields).flatMap(([name, value]): [string, string][] => {
    if (OWN_FIELDS.has(name) || name.length > TEXT_CHARACTERS || name.startsWith("postern_")) return [];
    const plain = typeof value === "number" || typeof value === "boolean" ? String(value) : text(value);
    return plain === null ? [] : [[name.toWellFormed(), plain]];
  });
  return Object.fromEntries(found.slice(0, ENTRIES));
}
