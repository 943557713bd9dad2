import { type DeliveryEvent, deliveryEvent } from "../delivery-event.ts";
import type { Part } from "./mime-walk.ts";
import { eventOf } from "./report-event.ts";

/**
 * Amazon SES tells of bounces and complaints over SNS, and SNS may be set to send its notices by e-mail: JSON, broken into
 * lines of mail, so that it does not parse any more. The few members needed are of fixed form ("Amazon SNS notification
 * contents for Amazon SES", seen 2026-11-25).
 */
export function readSnsMail(parts: readonly Part[]): DeliveryEvent[] {
  const text =
    parts.find((part) => part.within === "report" && part.type === "text/plain")?.text.slice(0, 64 * 1024) ?? "";
  if (!/^\s*\{/.test(text)) return [];
  const json = text.replace(/!?\n ?/g, "").replaceAll('\\"', '"');
  const kind = /"(?:notificationType|eventType)"\s*:\s*"(\w{1,20})"/.exec(json)?.[1];
  const own = kind === undefined ? undefined : OWN[kind];
  if (own === undefined) return [];
  const from = json.indexOf(`"${own.list}"`);
  if (from === -1) return [];
  const end = json.indexOf("]", from);
  const listed = json.slice(from, end === -1 ? undefined : end);
  const member = (name: string, where: string): string | null =>
    new RegExp(String.raw`"${name}"\s*:\s*"([^"]{0,1000})"`).exec(where)?.[1] ?? null;
  return listed.split(own.list === "recipients" ? "," : "}", 100).flatMap((one) => {
    const recipient =
      own.list === "recipients"
        ? (/"([^"@\s]{1,100}@[^"@\s]{1,253})"/.exec(one)?.[1] ?? null)
        : member("emailAddress", one);
    if (recipient === null) return [];
    const at = Date.parse(member("timestamp", json) ?? "");
    const known = { recipient, at: Number.isNaN(at) ? null : at };
    if (kind === "Complaint") return [deliveryEvent({ type: "complained", rejectReason: "spam", ...known })];
    if (kind === "Delivery") return [deliveryEvent({ type: "delivered", ...known })];
    const status = /^[245]\.\d{1,3}\.\d{1,3}$/.exec(member("status", one) ?? "")?.[0] ?? null;
    const event = eventOf({ type: "bounced", status, said: member("diagnosticCode", one) ?? "", ...known });
    // Transient: SES has given this message up and would take the next one for the address.
    return [member("bounceType", json) === "Permanent" ? event : { ...event, bounce: "soft" as const }];
  });
}

const OWN: Readonly<Record<string, { list: string }>> = {
  Bounce: { list: "bouncedRecipients" },
  Complaint: { list: "complainedRecipients" },
  Delivery: { list: "recipients" },
};
