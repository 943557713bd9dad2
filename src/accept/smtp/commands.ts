import { parseMailbox, transferable } from "../../mail/index.ts";
import { tooLarge } from "../checks.ts";
import { auth, mayLogIn } from "./auth.ts";
import type { Dialog } from "./dialog.ts";
import { mailParameters, recipientParameters } from "./parameters.ts";
import {
  ARGUMENT_NEEDED,
  BAD_RECIPIENT,
  BAD_RETURN_PATH,
  CANNOT_VERIFY,
  FOREIGN_PROTOCOL,
  HELLO_FIRST,
  HELLO_NAME,
  HELP,
  LOGIN_IMPOSSIBLE,
  LOGIN_NEEDED,
  MAIL_AGAIN,
  MAIL_FIRST,
  MAIL_SYNTAX,
  NOT_IMPLEMENTED,
  NO_CHUNKS,
  NO_ARGUMENT,
  NO_RECIPIENTS,
  NO_TLS,
  OK,
  RCPT_SYNTAX,
  RECIPIENT_OK,
  RETURN_PATH_OK,
  type Reply,
  SEND_DATA,
  SMTPUTF8_NEEDED,
  START_TLS,
  TLS_AGAIN,
  TLS_NEEDED,
  refused,
} from "./replies.ts";

/** What a verb does: changes the dialog and gives the reply. `argument` is the line behind the verb and one space. */
export type Command = (dialog: Dialog, argument: string) => Reply;

/** RFC 5321 §4.1.1.1 wants a domain or an address literal; names that hosts really have are wider ("my_laptop"), so only the alphabet is checked. */
const HELLO = /^[A-Za-z0-9._:[\]-]{1,255}$/;

/** RFC 5321 §4.1.1.1. Begins anew whatever was under way (§4.1.4). */
function ehlo(dialog: Dialog, argument: string): Reply {
  if (!HELLO.test(argument)) return HELLO_NAME;
  const { parts, hasCertificate } = dialog.facts;
  dialog.greeted = true;
  dialog.transaction = null;
  const offers = [
    parts.hostname,
    "PIPELINING", // RFC 2920
    `SIZE ${parts.limits.messageBytes}`, // RFC 1870
    "8BITMIME", // RFC 6152
    "SMTPUTF8", // RFC 6531
    "ENHANCEDSTATUSCODES", // RFC 2034
    "DSN", // RFC 3461
    `LIMITS RCPTMAX=${parts.limits.recipientsPerMessage}`, // RFC 9422
  ];
  if (hasCertificate && !dialog.secure) offers.push("STARTTLS"); // RFC 3207
  if (!parts.receives && mayLogIn(dialog)) offers.push("AUTH PLAIN LOGIN"); // RFC 4954 §4: only where it would be taken
  const last = offers.pop()!;
  return {
    text: `${offers.map((line) => `250-${line}\r\n`).join("")}250 ${last}\r\n`,
    code: null,
    counts: false,
    closes: false,
  };
}

function helo(dialog: Dialog, argument: string): Reply {
  if (!HELLO.test(argument)) return HELLO_NAME;
  dialog.greeted = true;
  dialog.transaction = null;
  return { text: `250 ${dialog.facts.parts.hostname}\r\n`, code: null, counts: false, closes: false };
}

/** RFC 5321 §4.1.1.2 */
function mail(dialog: Dialog, argument: string): Reply {
  const { parts } = dialog.facts;
  if (!dialog.greeted) return HELLO_FIRST;
  if (dialog.transaction !== null) return MAIL_AGAIN;
  dialog.submitter ??= parts.port.authenticateAddress(dialog.remoteAddress);
  if (dialog.submitter === null) return loginComplaint(dialog);

  const path = pathIn(argument, "FROM:<");
  if (path === null) return MAIL_SYNTAX;
  const returnPath = path === "" ? null : parseMailbox(path);
  if (returnPath === null && path !== "") return BAD_RETURN_PATH;
  const parameters = mailParameters(behindPath(argument));
  if ("text" in parameters) return parameters;
  if (returnPath !== null && returnPath.needsSmtputf8 && !parameters.smtputf8) return SMTPUTF8_NEEDED;

  if (parameters.sizeBytes > parts.limits.messageBytes) return refused(tooLarge(parts.limits)); // RFC 1870 §6.1
  const refusal = parts.port.intakeRefusal();
  if (refusal !== null) return refused(refusal);
  dialog.transaction = { returnPath, recipients: [], dsn: parameters.dsn, smtputf8: parameters.smtputf8 };
  return RETURN_PATH_OK;
}

/** RFC 6409 §4.3: only those who are known may submit. */
function loginComplaint(dialog: Dialog): Reply {
  if (mayLogIn(dialog)) return LOGIN_NEEDED;
  return dialog.facts.hasCertificate ? TLS_NEEDED : LOGIN_IMPOSSIBLE;
}

/** RFC 5321 §4.1.1.3 */
function rcpt(dialog: Dialog, argument: string): Reply {
  const transaction = dialog.transaction;
  if (transaction === null) return dialog.greeted ? MAIL_FIRST : HELLO_FIRST;
  const path = pathIn(argument, "TO:<");
  if (path === null) return RCPT_SYNTAX;
  const mailbox = parseMailbox(path);
  if (mailbox === null) return BAD_RECIPIENT;
  const dsn = recipientParameters(behindPath(argument));
  if ("text" in dsn) return dsn;
  if (mailbox.needsSmtputf8 && !transaction.smtputf8) return SMTPUTF8_NEEDED;
  const unknown = dialog.facts.parts.receives?.(mailbox.address) ?? null;
  if (unknown !== null) return { ...refused(unknown), counts: true };
  const most = dialog.facts.parts.limits.recipientsPerMessage;
  if (transaction.recipients.length >= most) {
    // RFC 5321 §4.5.3.1.10
    const sentence = `A message may have ${most} recipients. Send the rest of them another one.`;
    return { text: `452 4.5.3 ${sentence}\r\n`, code: "recipients-too-many", counts: false, closes: false };
  }
  transaction.recipients.push({ mailbox: transferable(mailbox), dsn });
  return RECIPIENT_OK;
}

/** RFC 5321 §4.1.1.4 */
function data(dialog: Dialog, argument: string): Reply {
  if (argument !== "") return NO_ARGUMENT;
  if (dialog.transaction === null) return dialog.greeted ? MAIL_FIRST : HELLO_FIRST;
  if (dialog.transaction.recipients.length === 0) return NO_RECIPIENTS;
  dialog.next = "data";
  return SEND_DATA;
}

/** RFC 3207 §4 */
function starttls(dialog: Dialog, argument: string): Reply {
  if (argument !== "") return NO_ARGUMENT;
  if (dialog.secure) return TLS_AGAIN;
  if (!dialog.facts.hasCertificate) return NO_TLS;
  dialog.next = "tls";
  return START_TLS;
}

function rset(dialog: Dialog, argument: string): Reply {
  if (argument !== "") return NO_ARGUMENT;
  dialog.transaction = null;
  return OK;
}

const quit: Command = (dialog, argument) => (argument === "" ? dialog.facts.replies.bye : NO_ARGUMENT);
const vrfy: Command = (_dialog, argument) => (argument === "" ? ARGUMENT_NEEDED : CANNOT_VERIFY);
const always =
  (reply: Reply): Command =>
  () =>
    reply;

/** By verb in upper case. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["MAIL", mail],
  ["RCPT", rcpt],
  ["DATA", data],
  ["EHLO", ehlo],
  ["HELO", helo],
  ["AUTH", auth],
  ["STARTTLS", starttls],
  ["RSET", rset],
  ["NOOP", always(OK)], // RFC 5321 §4.1.1.9: an argument is ignored
  ["QUIT", quit],
  ["VRFY", vrfy],
  ["HELP", always(HELP)],
  ["EXPN", always(NOT_IMPLEMENTED)],
  ["TURN", always(NOT_IMPLEMENTED)],
  ["ETRN", always(NOT_IMPLEMENTED)],
  ["BDAT", always(NO_CHUNKS)],
  // A browser made to post to this port would bring commands of an attacker's choice in its body.
  ["GET", always(FOREIGN_PROTOCOL)],
  ["POST", always(FOREIGN_PROTOCOL)],
  ["PUT", always(FOREIGN_PROTOCOL)],
  ["HEAD", always(FOREIGN_PROTOCOL)],
  ["OPTIONS", always(FOREIGN_PROTOCOL)],
  ["CONNECT", always(FOREIGN_PROTOCOL)],
]);

/**
 * The text between the angle brackets of `FROM:<…>` or `TO:<…>`; null where there are none. RFC 5321 §3.3 allows no
 * space beside the colon. A quoted local part could hold a `>`, but no mailbox with one is taken anyway.
 */
function pathIn(argument: string, lead: string): string | null {
  const end = argument.indexOf(">");
  if (end === -1) return null;
  if (!argument.startsWith(lead) && argument.slice(0, lead.length).toUpperCase() !== lead) return null;
  return argument.slice(lead.length, end);
}

const behindPath = (argument: string): string => argument.slice(argument.indexOf(">") + 1);
