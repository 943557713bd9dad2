import { foldedAddress, type Outcome } from "../../mail/index.ts";
import { dismantle, type Dismantled, type NamedAddress, notExpressible } from "../dismantle.ts";
import type { Handoff } from "../provider.ts";

/** "Mail Send: limitations" (seen 2026-11-25): recipients of one request, all kinds together; octets of the email. */
export const RECIPIENTS = 1_000;
const EMAIL_OCTETS = 30 * 1024 * 1024;
export const SEND_PATH = "/v3/mail/send";

/** `placeOf[i]`: where `envelope.recipients[i]` stands in the request, as its errors name it: `to.0`. */
export type SendRequest = { kind: "request"; body: Buffer; placeOf: string[] } | { kind: "cannot"; outcome: Outcome };

/**
 * Fields SendGrid keeps for itself (OpenAPI of the v3 Mail Send API, `headers`), and `X-SMTPAPI`, by which its SMTP door
 * takes orders: other recipients, tracking, templates. Who writes a message must not give orders to the account.
 */
const RESERVED = /^(?:x-sg-.*|x-smtpapi|received|dkim-signature)$/i;
// oxlint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\x00-\x7f]/;

/**
 * The message as POST /v3/mail/send takes it: one personalization, so that all recipients get the same message. SendGrid
 * writes To and Cc from those it sends to, which is why a message whose fields name anybody else cannot go this way.
 * Everything that would change or follow the message is off; what an account has set for all its mail counts no more.
 */
export async function sendRequest(handoff: Handoff): Promise<SendRequest> {
  const limit = limitOf(handoff);
  if (limit !== null) return { kind: "cannot", outcome: limit };
  const dismantled = await dismantle(handoff.raw);
  if (dismantled.kind === "cannot") return { kind: "cannot", outcome: notExpressible(dismantled.what) };
  const { parts } = dismantled;
  const given = addressed(handoff, parts);
  const what = typeof given === "string" ? given : obstacleIn(parts);
  if (typeof given === "string" || what !== null) return { kind: "cannot", outcome: notExpressible(what ?? "") };
  const mail = {
    personalizations: [
      {
        ...given.lists,
        custom_args: { postern_attempt: handoff.attemptId, postern_id: handoff.spoolId },
      },
    ],
    from: mailbox(parts.from),
    ...(parts.replyTo.length === 1 ? { reply_to: mailbox(parts.replyTo[0]!) } : {}),
    ...(parts.replyTo.length > 1 ? { reply_to_list: parts.replyTo.map(mailbox) } : {}),
    subject: parts.subject,
    content: contentOf(parts),
    ...(parts.attachments.length === 0 ? {} : { attachments: parts.attachments.map(attachment) }),
    ...(parts.headers.length === 0
      ? {}
      : { headers: Object.fromEntries(parts.headers.map(({ name, value }) => [name, value])) }),
    mail_settings: { footer: { enable: false }, sandbox_mode: { enable: false } },
    tracking_settings: {
      click_tracking: { enable: false, enable_text: false },
      open_tracking: { enable: false },
      subscription_tracking: { enable: false },
      ganalytics: { enable: false },
    },
  };
  return { kind: "request", body: Buffer.from(JSON.stringify(mail)), placeOf: given.placeOf };
}

function limitOf({ envelope, raw }: Handoff): Outcome | null {
  const about = { kind: "rejected", scope: "account" } as const;
  if (envelope.needsSmtputf8) return { ...about, cause: "smtputf8-not-supported" };
  if (raw.length > EMAIL_OCTETS) return { ...about, cause: "message-too-large" };
  return envelope.recipients.length > RECIPIENTS ? notExpressible(`more than ${RECIPIENTS} recipients`) : null;
}

type Lists = { to: object[]; cc?: object[]; bcc?: object[] };

/** Who is named in To and Cc is sent to as such, everybody else of the envelope unseen. Text: what stands in the way. */
function addressed({ envelope }: Handoff, parts: Dismantled): { lists: Lists; placeOf: string[] } | string {
  const open = new Map(envelope.recipients.map(({ mailbox: one }, n) => [foldedAddress(one.address), n]));
  const placeOf: string[] = [];
  const named = new Set<string>();
  const lists: Record<"to" | "cc" | "bcc", object[]> = { to: [], cc: [], bcc: [] };
  for (const list of ["to", "cc"] as const) {
    for (const one of parts[list]) {
      const address = foldedAddress(one.email);
      if (named.has(address)) continue; // SendGrid takes an address once; the first place counts
      named.add(address);
      const n = open.get(address);
      if (n === undefined) return "a To or Cc that names others than it is sent to";
      placeOf[n] = `${list}.${lists[list].length}`;
      lists[list].push(recipient(one));
    }
  }
  if (lists.to.length === 0) return "a message without To";
  envelope.recipients.forEach(({ mailbox: one }, n) => {
    if (placeOf[n] !== undefined) return;
    placeOf[n] = `bcc.${lists.bcc.length}`;
    lists.bcc.push({ email: one.address });
  });
  const { to, cc, bcc } = lists;
  return { lists: { to, ...(cc.length === 0 ? {} : { cc }), ...(bcc.length === 0 ? {} : { bcc }) }, placeOf };
}

function obstacleIn(parts: Dismantled): string | null {
  if (parts.subject === "") return "a message without a subject";
  if (!parts.text && !parts.html) return "a message without a text";
  if (BEYOND_ASCII.test(parts.from.email) || parts.replyTo.some(({ email }) => BEYOND_ASCII.test(email))) {
    return "addresses beyond ASCII";
  }
  if (parts.attachments.some(({ content }) => content.length === 0)) return "an empty attachment";
  const seen = new Set<string>();
  for (const { name } of parts.headers) {
    const folded = name.toLowerCase();
    if (RESERVED.test(folded)) return `the header field ${name}, which is an order to SendGrid`;
    if (seen.has(folded)) return `a header field twice (${name})`;
    seen.add(folded);
  }
  return null;
}

const contentOf = ({ text, html }: Dismantled): object[] => [
  ...(text ? [{ type: "text/plain", value: text }] : []), // must come before HTML ("Mail Send errors", content)
  ...(html ? [{ type: "text/html", value: html }] : []),
];

const mailbox = ({ name, email }: NamedAddress): object => (name === "" ? { email } : { email, name });

/** Names of recipients with `,` or `;` are split unless they come quoted (sendgrid-python issue 291; anymail does the same). */
const recipient = ({ name, email }: NamedAddress): object =>
  /[,;]/.test(name) ? { email, name: `"${name.replace(/["\\]/g, "\\$&")}"` } : mailbox({ name, email });

/** `filename` is required and may be empty. */
const attachment = (one: Dismantled["attachments"][number]): object => ({
  content: one.content.toString("base64"),
  type: one.contentType,
  filename: one.filename ?? "",
  disposition: one.inline ? "inline" : "attachment",
  ...(one.contentId === null ? {} : { content_id: one.contentId }),
});
