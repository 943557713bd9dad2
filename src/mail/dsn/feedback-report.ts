import { type DeliveryEvent, deliveryEvent } from "../delivery-event.ts";
import { type Fields, type Part, splitHeader } from "./mime-walk.ts";
import { addressIn, instantOf } from "./report-event.ts";
import { oneLine } from "./text.ts";

/** A complaint (RFC 5965), in its own part or, of older loops, told by one field of the returned message; null where there is none. */
export function readFeedback(parts: readonly Part[]): DeliveryEvent[] | null {
  const own = parts.find((part) => part.within === "report" && part.type === "message/feedback-report");
  if (own !== undefined) return fromReport(own, parts);
  // Microsoft's Junk Mail Reporting Program: the message as it was, with whose it was in a field of theirs.
  const returned = parts.find((part) => part.fields.has("x-hmxmroriginalrecipient"));
  if (returned === undefined) return null;
  const recipient = addressIn(returned.fields.get("x-hmxmroriginalrecipient"));
  return [deliveryEvent({ type: "complained", recipient, rejectReason: "spam", description: "abuse" })];
}

/** RFC 5965 §3.1, §3.2. Original-Rcpt-To may be there several times: one report about one message to several. */
function fromReport({ text }: Part, parts: readonly Part[]): DeliveryEvent[] {
  const { fields } = splitHeader(text.replace(/^\n+/, ""));
  const kind = (fields.get("feedback-type") ?? "").trim().toLowerCase();
  const description = oneLine(kind);
  const at = instantOf(fields.get("received-date") ?? fields.get("arrival-date"));
  // RFC 5965 §7.3: "not-spam" is the opposite of a complaint.
  if (kind === "not-spam") return [deliveryEvent({ type: "unknown", at, recipient: null, description })];
  const named = recipientsIn(text, fields);
  const recipients = named.length > 0 ? named : [toOfReturned(parts)];
  return recipients.map((recipient) =>
    // Another kind of report, such as auth-failure (RFC 6591), is somebody's system saying no: a complaint, but not about spam.
    deliveryEvent({
      type: "complained",
      at,
      recipient,
      rejectReason: kind === "opt-out" ? "unsubscribed" : kind === "auth-failure" ? "other" : "spam",
      description,
    }),
  );
}

function recipientsIn(text: string, fields: Fields): string[] {
  const all = [...text.slice(0, 64 * 1024).matchAll(/^original-rcpt-to[ \t]*:([^\n]{1,1000})/gim)];
  const named = all.slice(0, 100).flatMap((match) => addressIn(match[1]) ?? []);
  const other = named.length > 0 ? null : (addressIn(fields.get("removal-recipient")) ?? null);
  return [...new Set([...named, ...(other === null ? [] : [other])])];
}

/** Whom the returned message was for; loops that hide it (RFC 6590) leave an address that is nobody's. */
const toOfReturned = (parts: readonly Part[]): string | null => {
  for (const part of parts) {
    const fields = part.type === "text/rfc822-headers" ? splitHeader(part.text).fields : part.fields;
    if (part.within !== "returned" && part.type !== "text/rfc822-headers") continue;
    const recipient = addressIn(fields.get("to"));
    if (recipient !== null) return recipient;
  }
  return null;
};
