import { asciiDomain, foldedAddress, type Mailbox, type Outcome, parseMailbox } from "../../mail/index.ts";
import {
  type Dismantled,
  dismantle,
  type DismantledAttachment,
  type NamedAddress,
  notExpressible,
} from "../dismantle.ts";
import type { HttpCall } from "../http.ts";
import type { Handoff } from "../provider.ts";

/** Email API, "Send a single email" (postmarkapp.com/developer/api/email-api, seen 2026-11-25). */
export type PostmarkEmail = {
  From: string;
  To: string;
  Cc?: string;
  Bcc?: string;
  ReplyTo?: string;
  Subject: string;
  TextBody?: string;
  HtmlBody?: string;
  Headers: { Name: string; Value: string }[];
  Attachments?: { Name: string; Content: string; ContentType: string; ContentID?: string }[];
  /** At most 10 keys of 20 characters with values of 80; it comes back in notices and searches, never in the mail. */
  Metadata: Record<string, string>;
  MessageStream: string;
  TrackOpens: false;
  TrackLinks: "None";
};

/** To, Cc and Bcc together. */
export const RECIPIENTS = 50;

/** The call that hands this message over, or the outcome of one that Postmark's fields cannot express. */
export async function requestOf(handoff: Handoff, token: string, stream: string): Promise<HttpCall | Outcome> {
  const taken = await dismantle(handoff.raw);
  if (taken.kind === "cannot") return notExpressible(taken.what);
  const email = emailOf(handoff, taken.parts, stream);
  if ("kind" in email) return email;
  return {
    method: "POST",
    path: "/email",
    headers: { "content-type": "application/json", "x-postmark-server-token": token },
    body: JSON.stringify(email),
    isOurs: () => handoff.isOurs(),
  };
}

function emailOf(handoff: Handoff, parts: Dismantled, stream: string): PostmarkEmail | Outcome {
  const places = placesOf(
    parts,
    handoff.envelope.recipients.map(({ mailbox }) => mailbox),
  );
  const obstacle = typeof places === "string" ? places : obstacleIn(parts);
  if (obstacle !== null || typeof places === "string") return notExpressible(obstacle ?? "");
  const { text, html, replyTo, attachments } = parts;
  return {
    From: writtenOut(parts.from),
    ...places,
    ...(replyTo.length === 0 ? {} : { ReplyTo: replyTo.map(writtenOut).join(", ") }),
    Subject: parts.subject,
    ...(text === null || text === "" ? {} : { TextBody: text }),
    ...(html === null || html === "" ? {} : { HtmlBody: html }),
    Headers: parts.headers
      .filter(({ name }) => name.toLowerCase() !== "date") // Postmark writes its own
      .map(({ name, value }) => ({ Name: name, Value: value })),
    ...(attachments.length === 0 ? {} : { Attachments: attachments.map(attachmentOf) }),
    Metadata: { postern_attempt: handoff.attemptId, postern_id: handoff.spoolId },
    MessageStream: stream,
    TrackOpens: false,
    TrackLinks: "None",
  };
}

/**
 * Postmark sends to everybody it shows: To and Cc may name recipients of this attempt only. Who is in neither goes to Bcc;
 * one recipient of a message that shows no To is its To, which only they see.
 * @returns what stands in the way, as text.
 */
function placesOf(parts: Dismantled, mailboxes: readonly Mailbox[]): Pick<PostmarkEmail, "To" | "Cc" | "Bcc"> | string {
  const left = new Map(mailboxes.map((mailbox) => [foldedAddress(mailbox.address), mailbox]));
  const placed = new Set<string>();
  const place = (shown: readonly NamedAddress[]): string | null => {
    const texts: string[] = [];
    for (const { name, email } of shown) {
      const folded = foldedAddress(email);
      const mailbox = left.get(folded);
      if (!mailbox && !placed.has(folded)) return null;
      if (mailbox) texts.push(writtenOut({ name, email: wireAddress(mailbox) }));
      left.delete(folded);
      placed.add(folded); // named twice, it would be sent to twice or not at all: once is enough
    }
    return texts.join(", ");
  };
  const to = place(parts.to);
  const cc = place(parts.cc);
  if (to === null || cc === null) return "a To or Cc field that names others than the recipients of this hand-off";
  const bcc = [...left.values()].map(wireAddress);
  if (to === "" && !(bcc.length === 1 && cc === "")) return "a message to several recipients without one in To";
  if (to === "") return { To: bcc[0]! };
  return { To: to, ...(cc === "" ? {} : { Cc: cc }), ...(bcc.length === 0 ? {} : { Bcc: bcc.join(", ") }) };
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
const SUBJECT_CHARACTERS = 2_000;
const FROM_CHARACTERS = 255;

/** Limits of the Email API's page; what is beyond them would come back as code 300, which says so in prose only. */
function obstacleIn({ from, replyTo, to, cc, subject, text, html, headers, attachments }: Dismantled): string | null {
  if ((text ?? "") === "" && (html ?? "") === "") return "a message without text and HTML";
  const addresses = [from, ...replyTo, ...to, ...cc];
  if (addresses.some(({ name }) => CONTROL.test(name))) return "a name with control characters";
  if (addresses.some(({ email }) => !(parseMailbox(email)?.needsSmtputf8 === false))) return "an address of this form";
  if (writtenOut(from).length > FROM_CHARACTERS) return `a From of more than ${FROM_CHARACTERS} characters`;
  if (CONTROL.test(subject.replaceAll("\t", " "))) return "a subject with control characters";
  if (subject.length > SUBJECT_CHARACTERS) return `a subject of more than ${SUBJECT_CHARACTERS} characters`;
  // X-PM-Message-Stream, X-PM-Tag and the like steer Postmark over SMTP; here they would be something else than written.
  const steering = headers.find(({ name }) => /^x-pm-/i.test(name));
  if (steering) return `the field ${steering.name}`;
  const broken = headers.find(({ value }) => CONTROL.test(value.replaceAll("\t", " ")));
  if (broken) return `the field ${broken.name} with control characters`;
  return attachments.some(({ filename }) => CONTROL.test(filename ?? ""))
    ? "a file name with control characters"
    : null;
}

/** Domains of other scripts as A-labels: Postmark takes ASCII only ("What does Error Code 300 mean", seen 2026-11-25). */
const wireAddress = (mailbox: Mailbox): string => `${mailbox.localPart}@${asciiDomain(mailbox)}`;

/** RFC 5322 §3.2.4: a name in quotes may hold what else would end it. */
const writtenOut = ({ name, email }: NamedAddress): string =>
  name === "" ? email : `"${name.replaceAll(/["\\]/g, "\\$&")}" <${email}>`;

function attachmentOf(one: DismantledAttachment, n: number): NonNullable<PostmarkEmail["Attachments"]>[number] {
  return {
    Name: one.filename ?? `attachment-${n + 1}`,
    Content: one.content.toString("base64"),
    ContentType: one.contentType,
    // Only of what the HTML shows: a ContentID makes it inline.
    ...(one.inline && one.contentId !== null ? { ContentID: `cid:${one.contentId}` } : {}),
  };
}
