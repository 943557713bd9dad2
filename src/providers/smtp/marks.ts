import type { SmtpVendor } from "../../config/index.ts";
import { readHeader, rewriteHeader } from "../../mail/index.ts";
import type { Handoff } from "../provider.ts";

/**
 * Our ids, in the header field that a vendor gives back with its notices: what it tells is then known to be of this message
 * and this attempt. A field of that name that came with the message is taken out: it would stand for ours, and several of
 * them give orders besides (X-SMTPAPI adds recipients, X-MSYS-API turns tracking on), which who writes a message must not.
 */
export type Ids = { attempt: string; id: string };
type Mark = (ids: Ids) => readonly (readonly [name: string, value: string])[];

const named = ({ attempt, id }: Ids) => ({ postern_attempt: attempt, postern_id: id });
const json =
  (name: string, wrap: (ids: object) => object = (ids) => ids): Mark =>
  (ids) => [[name, JSON.stringify(wrap(named(ids)))]];

/** Null: its notices bring nothing of the message back (MailerSend), or header fields that are ours already (Resend). All seen 2026-11-25. */
const MARKS: Readonly<Record<SmtpVendor, Mark | null>> = {
  // Twilio SendGrid, "Unique Arguments"; only the first X-SMTPAPI counts ("Building an X-SMTPAPI header").
  sendgrid: json("X-SMTPAPI", (ids) => ({ unique_args: ids })),
  // "How to Use SMTP Headers to Customize Your Messages", mandrill.zendesk.com 360039280433.
  mandrill: json("X-MC-Metadata"),
  // SES developer guide, "Specify a configuration set and message tags by email headers"; told where the identity has a
  // configuration set that publishes events, or the message names one.
  ses: ({ attempt, id }) => [["X-SES-MESSAGE-TAGS", `postern_attempt=${attempt}, postern_id=${id}`]],
  // Mailgun, "Attaching metadata to messages": also in several fields, which it merges.
  mailgun: json("X-Mailgun-Variables"),
  // Postmark, "Custom metadata FAQ": a field for each, names of at most 20 characters.
  postmark: (ids) => Object.entries(named(ids)).map(([name, value]) => [`X-PM-Metadata-${name}`, value]),
  resend: null,
  // Brevo, "Transactional webhooks": a text of our own, given back as it is.
  brevo: json("X-Mailin-custom"),
  // Mailjet, "Event tracking": a text of our own, given back as `Payload`.
  mailjet: json("X-MJ-EventPayload"),
  // SparkPost, "SMTP API": metadata, given back as `rcpt_meta`.
  sparkpost: json("X-MSYS-API", (ids) => ({ metadata: ids })),
  mailersend: null,
  // Mailtrap, "Custom Variables": at most 1000 bytes.
  mailtrap: json("X-MT-Custom-Variables"),
  // Postal knows a tag and nothing else (postalserver/postal, outgoing_message_processor.rb: the last X-Postal-Tag).
  postal: ({ attempt, id }) => [["X-Postal-Tag", `postern ${id} ${attempt}`]],
  // UniOne, "SMTP API": X-UNIONE with parameters of email/send; under Unisender Go's name for it.
  "unisender-go": json("X-UNISENDER-GO", (ids) => ({ global_metadata: ids })),
};

const NO_BOUNDS = { headerBytes: Number.MAX_SAFE_INTEGER, headerFields: Number.MAX_SAFE_INTEGER };

/** The message as that vendor is to get it. @param vendor null: nobody's, so it stays as it is. */
export function marked(handoff: Handoff, vendor: SmtpVendor | null): Handoff {
  const mark = vendor === null ? null : MARKS[vendor];
  if (mark === null) return handoff;
  const header = readHeader(handoff.raw, NO_BOUNDS);
  // No door lets such a header section in.
  if (!("bodyStart" in header)) return handoff;
  const fields = mark({ attempt: handoff.attemptId, id: handoff.spoolId });
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  const raw = rewriteHeader(handoff.raw, header, {
    prepend: fields.map(([name, value]) => `${name}: ${value}\r\n`).join(""),
    append: "",
    drop: (name) => names.has(name),
  });
  return { ...handoff, raw };
}
