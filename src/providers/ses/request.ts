import type { Outcome } from "../../mail/index.ts";
import type { Handoff } from "../provider.ts";

/** Service quotas in Amazon SES (seen 2026-11-25): 50 recipients a message; 40 MB a message of API v2, base64 included. */
export const RECIPIENTS = 50;
const REQUEST_OCTETS = 40 * 1024 * 1024;
export const SEND_PATH = "/v2/email/outbound-emails";

export type SendRequest = { kind: "request"; body: Buffer } | { kind: "cannot"; outcome: Outcome };

/** Fields of the message that are orders to SES: another configuration set, other tags, an identity of another account. */
const ORDER = /^x-ses-/;

/**
 * SendEmail with the message as it is (API reference v2, "SendEmail", "RawMessage", seen 2026-11-25). SES writes its own
 * Message-ID and Date over ours and adds a Feedback-ID and a DKIM signature of its own; all else arrives as it is.
 * @param channel the configuration set: through it come the events.
 */
export function sendRequest(handoff: Handoff, channel: string | null): SendRequest {
  const cannot = whatCannotGo(handoff);
  if (cannot) return { kind: "cannot", outcome: { kind: "rejected", scope: "account", ...cannot } };
  const { envelope, raw } = handoff;
  const given = {
    // Never FromEmailAddress: with a raw message it takes the place of the field From (django-anymail's backend says so, and
    // nodemailer gives the whole field again for that reason). Left out, SES reads the field.
    ...(envelope.returnPath === null ? {} : { FeedbackForwardingEmailAddress: envelope.returnPath.address }),
    // The envelope: with a raw message, nobody else gets it and the fields To and Cc stay as they are.
    Destination: { ToAddresses: envelope.recipients.map(({ mailbox }) => mailbox.address) },
    Content: { Raw: { Data: raw.toString("base64") } },
    EmailTags: [
      { Name: "postern_attempt", Value: handoff.attemptId },
      { Name: "postern_id", Value: handoff.spoolId },
    ],
    ...(channel === null ? {} : { ConfigurationSetName: channel }),
  };
  const body = Buffer.from(JSON.stringify(given));
  if (body.length > REQUEST_OCTETS) {
    const diagnostic = `The request would have ${body.length} octets; Amazon SES takes ${REQUEST_OCTETS}.`;
    return { kind: "cannot", outcome: { kind: "rejected", scope: "account", cause: "message-too-large", diagnostic } };
  }
  return { kind: "request", body };
}

function whatCannotGo({ envelope, raw }: Handoff): { cause: string; diagnostic: string } | null {
  // "Amazon SES does not support the SMTPUTF8 extension" (API reference v2, "Destination").
  if (envelope.needsSmtputf8) {
    return {
      cause: "smtputf8-not-supported",
      diagnostic: "Amazon SES does not carry internationalised mail (SMTPUTF8).",
    };
  }
  if (envelope.recipients.length > RECIPIENTS) {
    return { cause: "not-expressible", diagnostic: `Amazon SES takes ${RECIPIENTS} recipients a message.` };
  }
  const order = orderIn(raw);
  if (order !== null) {
    return {
      cause: "not-expressible",
      diagnostic: `The header field ${order} is an order to Amazon SES and is not passed on.`,
    };
  }
  return null;
}

/** The name of the first header field that SES would obey; the message was parsed at the door, so here lines suffice. */
function orderIn(raw: Buffer): string | null {
  const end = raw.indexOf("\r\n\r\n");
  const header = raw.toString("latin1", 0, end === -1 ? raw.length : end);
  for (const line of header.split("\r\n")) {
    const name = /^([!-9;-~]+)[ \t]*:/.exec(line)?.[1]?.toLowerCase();
    if (name !== undefined && ORDER.test(name)) return name;
  }
  return null;
}
