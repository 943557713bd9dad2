import type { Random } from "../../../kernel/index.ts";
import type { Envelope, Mailbox } from "../../../mail/index.ts";
import type { Submission } from "../../submission.ts";
import { type Composition, compose } from "../compose/compose.ts";
import { type ProblemDocument, invalid } from "../problem.ts";
import { NOT_AN_INSTANT, readInstant } from "../instant.ts";
import { readAttachments } from "./attachments.ts";
import { Faults } from "./faults.ts";
import { readHeaderFields } from "./header-fields.ts";
import { type NamedMailbox, namedAddress, readAddress, readMailbox } from "./mailboxes.ts";
import type { MessageJson } from "./message-schema.ts";
import { readTags } from "./tags.ts";
import { bodyTextFault, headerTextFault } from "./text-values.ts";

/** What a request says of a submission, whichever form it came in. */
export type Content = Pick<Submission, "stream" | "envelope" | "raw"> & {
  tags?: Record<string, string>;
  sendAt?: number;
  supersedes?: string;
};

/** RFC 5322 §3.6.4, without quoting and without the obsolete forms. */
const MESSAGE_ID = /^<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>$/;

/** A message in fields, as text and envelope; or everything that is wrong with it. */
export function readMessage(given: MessageJson, random: Random): Content | ProblemDocument {
  const faults = new Faults();
  const list = (member: "to" | "cc" | "bcc" | "replyTo"): NamedMailbox[] =>
    (given[member] ?? []).flatMap((one, index) => readMailbox(one, `/${member}/${index}`, faults) ?? []);

  const from = readMailbox(given.from, "/from", faults);
  const lists = { to: list("to"), cc: list("cc"), bcc: list("bcc"), replyTo: list("replyTo") };
  const fault = (pointer: string, detail: string | null) => detail !== null && faults.add(pointer, detail);
  fault("/subject", headerTextFault(given.subject));
  if (given.text !== undefined) fault("/text", bodyTextFault(given.text));
  if (given.html !== undefined) fault("/html", bodyTextFault(given.html));
  if (given.text === undefined && given.html === undefined && given.attachments === undefined) {
    faults.add("", "has no content: give text, html or both.");
  }
  if (given.messageId !== undefined && !MESSAGE_ID.test(given.messageId)) {
    faults.add("/messageId", "must be one message id, such as <2a9f@app.example.com>.");
  }
  const headers = given.headers === undefined ? [] : readHeaderFields(given.headers, faults);
  const attachments = given.attachments === undefined ? [] : readAttachments(given.attachments, faults);
  const tags = given.tags === undefined ? undefined : readTags(given.tags, faults);
  const sendAt = readSendAt(given.sendAt, faults);
  const envelope = readEnvelope(given.envelope, from?.mailbox ?? null, lists, faults);
  if (faults.found || from === null) return invalid(faults.list);

  const message: Composition = {
    from: namedAddress(from),
    to: lists.to.map(namedAddress),
    cc: lists.cc.map(namedAddress),
    replyTo: lists.replyTo.map(namedAddress),
    subject: given.subject,
    text: given.text,
    html: given.html,
    headers,
    messageId: given.messageId,
    attachments,
  };
  const shown = [from, ...lists.to, ...lists.cc, ...lists.replyTo].some(({ mailbox }) => mailbox.needsSmtputf8);
  return {
    stream: given.stream,
    envelope: { ...envelope, needsSmtputf8: envelope.needsSmtputf8 || shown },
    raw: compose(message, random),
    ...(tags === undefined ? {} : { tags }),
    ...(sendAt === undefined ? {} : { sendAt }),
    ...(given.supersedes === undefined ? {} : { supersedes: given.supersedes }),
  };
}

function readEnvelope(
  given: MessageJson["envelope"],
  from: Mailbox | null,
  lists: Record<"to" | "cc" | "bcc", NamedMailbox[]>,
  faults: Faults,
): Envelope {
  const named = given?.recipients?.flatMap((text, i) => readAddress(text, `/envelope/recipients/${i}`, faults) ?? []);
  const mailboxes = named ?? [...lists.to, ...lists.cc, ...lists.bcc].map(({ mailbox }) => mailbox);
  if (mailboxes.length === 0 && !faults.found) faults.add("/to", "names nobody: give at least one of to, cc or bcc.");
  const returnPath = given?.returnPath === undefined ? from : readReturnPath(given.returnPath, faults);
  return envelopeOf(returnPath, mailboxes);
}

export function readSendAt(given: string | undefined, faults: Faults): number | undefined {
  const at = given === undefined ? undefined : readInstant(given);
  if (at === null) faults.add("/sendAt", NOT_AN_INSTANT);
  return at ?? undefined;
}

/** Null, empty and `<>` are the null path (RFC 5321 §4.5.5). */
export const readReturnPath = (given: string | null, faults: Faults): Mailbox | null =>
  given === null || given === "" || given === "<>" ? null : readAddress(given, "/envelope/returnPath", faults);

/** What we compose is ASCII line by line; `needs8bit` is for raw messages. */
export const envelopeOf = (returnPath: Mailbox | null, recipients: readonly Mailbox[]): Envelope => ({
  returnPath,
  recipients: recipients.map((mailbox) => ({ mailbox, dsn: {} })),
  dsn: {},
  needsSmtputf8: returnPath?.needsSmtputf8 === true || recipients.some((mailbox) => mailbox.needsSmtputf8),
  needs8bit: false,
});
