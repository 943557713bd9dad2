import type { DeliveryEvent } from "../delivery-event.ts";
import type { Walked } from "./mime-walk.ts";
import { splitHeader } from "./mime-walk.ts";
import { addressIn, eventOf, instantOf } from "./report-event.ts";

/**
 * A recipient's Sieve script refused the message and says so in a disposition notification (RFC 5429 §2.2.1): final, but
 * about this message and not about the address, so never hard. A notification without that says nothing about delivery.
 */
export function readRejection({ fields, parts }: Walked): DeliveryEvent | null {
  const notification = parts.find(
    (part) => part.within === "report" && part.type === "message/disposition-notification",
  );
  if (notification === undefined) return null;
  const own = splitHeader(notification.text.trimStart()).fields;
  if (
    !/^\s*automatic-action\/mdn-sent-automatically\s*;\s*(?:deleted|denied|failed)/i.test(own.get("disposition") ?? "")
  )
    return null;
  const text = parts.find((part) => part.within === "report" && part.type === "text/plain")?.text ?? "";
  if (
    !/reject|refus/i.test(
      `${fields.get("subject") ?? ""} ${fields.get("auto-submitted") ?? ""} ${text.slice(0, 2_000)}`,
    )
  )
    return null;
  const recipient = addressIn(own.get("original-recipient")) ?? addressIn(own.get("final-recipient"));
  const event = eventOf({ type: "bounced", recipient, status: null, said: text, at: instantOf(fields.get("date")) });
  return { ...event, bounce: "soft" };
}
