import { type DeliveryEvent, deliveryEvent, first, type Form } from "../../mail/index.ts";
import { jsonOf, recordOf, textsOf } from "../json-reading.ts";

/**
 * Mail that SendGrid took in for us, parsed or as MIME in `email` ("Setting up the Inbound Parse webhook", Twilio SendGrid
 * documentation, seen 2026-11-25). To whom it came is in `envelope`; no id is given and no time.
 */
const FIELDS = ["email", "headers", "envelope", "from", "text", "html", "attachments", "attachment-info"];

/** @returns null where the form is none of these. */
export function receivedIn(form: Form): DeliveryEvent | null {
  const isMail =
    FIELDS.some((name) => form.text.has(name)) || form.files.some(({ name }) => /^attachment\d/.test(name));
  if (!isMail) return null;
  const envelope = recordOf(jsonOf(first(form, "envelope") ?? ""));
  return deliveryEvent({ type: "inbound", recipient: textsOf(envelope["to"])[0] ?? null });
}
