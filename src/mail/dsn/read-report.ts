import { type DeliveryEvent, deliveryEvent } from "../delivery-event.ts";
import { autoReplySign } from "./auto-reply.ts";
import { readDeliveryStatus } from "./delivery-status.ts";
import { encodedWords } from "./encoded-words.ts";
import { readFeedback } from "./feedback-report.ts";
import { type Part, type Walked, walkReport } from "./mime-walk.ts";
import { readPlainReport } from "./plain-report.ts";
import { readRejection } from "./rejection.ts";
import { addressIn, instantOf } from "./report-event.ts";
import { readSnsMail } from "./sns-mail.ts";

export type Report = {
  kind: "feedback-report" | "delivery-status" | "provider-notice" | "plain-report" | "auto-reply" | "none";
  events: DeliveryEvent[];
  /** By which sign it was told, in a sentence. */
  reason: string;
};

/**
 * What a message that came back to a return path says about the mail it is about.
 * 1. A complaint (RFC 5965).  2. A delivery status (RFC 3464), in its part or as text.  3. A provider's notice by mail.
 * 4. A rejection by the recipient's own filter (RFC 5429).  5. A report in some system's words.  6. An automatic answer (RFC 3834).
 * Invariants: never throws; reads no more than REPORT_BOUNDS; a delay or an automatic answer is never a bounce: where
 * a text could be either, it is not a bounce.
 */
export function readReport(raw: Buffer): Report {
  const walked = walkReport(raw);
  const complaint = readFeedback(walked.parts);
  if (complaint !== null)
    return { kind: "feedback-report", events: complaint, reason: "It is a feedback report (RFC 5965)." };
  const status = statusOf(walked);
  if (status.length > 0)
    return { kind: "delivery-status", events: status, reason: "It has a delivery status (RFC 3464)." };
  const notice = readSnsMail(walked.parts);
  if (notice.length > 0)
    return { kind: "provider-notice", events: notice, reason: "It is a notice of Amazon SES by mail." };
  const rejection = readRejection(walked);
  if (rejection !== null)
    return { kind: "plain-report", events: [rejection], reason: "The recipient's filter rejected it (RFC 5429)." };
  return inWords(walked);
}

/** The report's own status first. A report within a report is one that a relay wrapped (or split off). */
function statusOf(walked: Walked): DeliveryEvent[] {
  const { parts } = walked;
  for (const within of ["report", "returned"] as const) {
    const events = parts
      .filter((part) => part.within === within && isStatus(part))
      .flatMap((part) => readDeliveryStatus(part.text));
    if (events.length > 0) return events;
  }
  const text = parts.filter(
    (part) => part.within === "report" && part.type.startsWith("text/") && part.type !== "text/rfc822-headers",
  );
  return text.flatMap((part) => (/^final-recipient[ \t]*:/im.test(part.text) ? readDeliveryStatus(part.text) : []));
}

const isStatus = (part: Part): boolean => /^message\/(?:global-)?delivery-status$/.test(part.type);

function inWords(walked: Walked): Report {
  const { fields } = walked;
  const plain = readPlainReport(walked);
  const sign = autoReplySign(fields, encodedWords(fields.get("subject") ?? ""));
  if (plain !== null && (sign === null || plain.certain)) {
    const what = plain.means === "delayed" ? "is still trying" : "could not deliver";
    return {
      kind: "plain-report",
      events: plain.events,
      reason: `It says in words (${plain.mta}) that a system ${what}.`,
    };
  }
  if (sign === null)
    return { kind: "none", events: [], reason: "It is no report: no status, no complaint, no words of a mail system." };
  const event = deliveryEvent({
    type: "autoresponded",
    recipient: addressIn(fields.get("from")),
    at: instantOf(fields.get("date")),
  });
  return { kind: "auto-reply", events: [event], reason: `It is an automatic answer (RFC 3834): ${sign}.` };
}
