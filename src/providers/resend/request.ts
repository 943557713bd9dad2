import { foldedAddress, type Outcome } from "../../mail/index.ts";
import {
  dismantle,
  type Dismantled,
  type DismantledAttachment,
  type NamedAddress,
  notExpressible,
} from "../dismantle.ts";
import type { Handoff } from "../provider.ts";

/** "to: Max 50"; attachments included "max 40MB per email, after Base64 encoding" (Resend API reference, seen 2026-11-25). */
export const RECIPIENTS = 50;
const EMAIL_OCTETS = 40 * 1024 * 1024;

export type SendRequest = { kind: "request"; body: string } | { kind: "cannot"; outcome: Outcome };

/** Resend hands over to Amazon SES, whose orders stand in fields like these; the other kind is its own SMTP door's. */
const ORDERS = /^(?:x-ses-.*|resend-.*|received|dkim-signature)$/i;
// oxlint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\x00-\x7f]/;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f]+/g;

/**
 * The message as POST /emails takes it. Resend writes To and Cc from those it sends to, so that a message whose fields
 * name anybody else cannot go this way. Our ids are tags: letters, digits, `_` and `-` are all that those may hold.
 */
export async function sendRequest(handoff: Handoff): Promise<SendRequest> {
  const limit = limitOf(handoff);
  if (limit !== null) return { kind: "cannot", outcome: limit };
  const dismantled = await dismantle(handoff.raw);
  if (dismantled.kind === "cannot") return cannot(dismantled.what);
  const { parts } = dismantled;
  const what = obstacleIn(parts);
  if (what !== null) return cannot(what);
  const lists = addressed(handoff, parts);
  if (typeof lists === "string") return cannot(lists);
  const body = JSON.stringify({
    from: mailbox(parts.from),
    ...lists,
    ...(parts.replyTo.length === 0 ? {} : { reply_to: parts.replyTo.map(mailbox) }),
    subject: parts.subject,
    ...(parts.text ? { text: parts.text } : {}),
    ...(parts.html ? { html: parts.html } : {}),
    ...(parts.headers.length === 0
      ? {}
      : { headers: Object.fromEntries(parts.headers.map(({ name, value }) => [name, value.replace(CONTROLS, " ")])) }),
    ...(parts.attachments.length === 0 ? {} : { attachments: parts.attachments.map(attachment) }),
    tags: [
      { name: "postern_attempt", value: handoff.attemptId },
      { name: "postern_id", value: handoff.spoolId },
    ],
  });
  if (body.length > EMAIL_OCTETS) return { kind: "cannot", outcome: TOO_LARGE };
  return { kind: "request", body };
}

const cannot = (what: string): SendRequest => ({ kind: "cannot", outcome: notExpressible(what) });
const TOO_LARGE: Outcome = { kind: "rejected", scope: "account", cause: "message-too-large" };

function limitOf({ envelope, raw }: Handoff): Outcome | null {
  if (envelope.needsSmtputf8 || envelope.recipients.some(({ mailbox: one }) => one.needsSmtputf8)) {
    return { kind: "rejected", scope: "account", cause: "smtputf8-not-supported" };
  }
  if (raw.length > EMAIL_OCTETS) return TOO_LARGE;
  return envelope.recipients.length > RECIPIENTS ? notExpressible(`more than ${RECIPIENTS} recipients`) : null;
}

type Lists = { to: string[]; cc?: string[]; bcc?: string[] };

/** Who is named in To and Cc is sent to as such, everybody else of the envelope unseen. Text: what stands in the way. */
function addressed({ envelope }: Handoff, { to, cc }: Dismantled): Lists | string {
  const unnamed = new Map(envelope.recipients.map(({ mailbox: one }) => [foldedAddress(one.address), one.address]));
  const isOfEnvelope = new Set(unnamed.keys());
  const named = [...to, ...cc].map(({ email }) => foldedAddress(email));
  if (named.some((address) => !isOfEnvelope.has(address))) return "a To or Cc that names others than it is sent to";
  if (new Set(named).size < named.length) return "a recipient who is named twice"; // who would get it twice
  if (to.length === 0) return "a message without To";
  for (const address of named) unnamed.delete(address);
  const bcc = [...unnamed.values()];
  return {
    to: to.map(mailbox),
    ...(cc.length === 0 ? {} : { cc: cc.map(mailbox) }),
    ...(bcc.length === 0 ? {} : { bcc }),
  };
}

function obstacleIn(parts: Dismantled): string | null {
  if (parts.subject === "") return "a message without a subject";
  if (!parts.text && !parts.html) return "a message without a text";
  const addresses = [parts.from, ...parts.replyTo, ...parts.to, ...parts.cc];
  if (addresses.some(({ email }) => BEYOND_ASCII.test(email))) return "addresses beyond ASCII";
  if (parts.attachments.some(({ content }) => content.length === 0)) return "an empty attachment";
  const seen = new Set<string>();
  for (const { name } of parts.headers) {
    const folded = name.toLowerCase();
    if (ORDERS.test(folded)) return `the header field ${name}, which may be an order to it`;
    if (seen.has(folded)) return `a header field twice (${name})`;
    seen.add(folded);
  }
  return null;
}

/** `Name <address>`; quoted where the name holds what RFC 5322 §3.2.3 keeps for the grammar, so that no name becomes an address. */
function mailbox({ name, email }: NamedAddress): string {
  const words = name.replace(CONTROLS, " ").trim();
  if (words === "") return email;
  const isPlain = /^[^()<>[\]:;@\\,."]+$/.test(words);
  return `${isPlain ? words : `"${words.replace(/["\\]/g, "\\$&")}"`} <${email}>`;
}

/** A name is required; an attachment without one is shown by its place. */
const attachment = (one: DismantledAttachment, n: number): object => ({
  content: one.content.toString("base64"),
  filename: one.filename ?? `attachment-${n + 1}`,
  content_type: one.contentType,
  ...(one.contentId === null ? {} : { content_id: one.contentId }),
});
