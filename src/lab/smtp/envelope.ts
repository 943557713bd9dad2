/**
 * The envelope as it came over the wire: addresses as text, the parameters of RFC 3461 beside them.
 * A lab provider shows what was sent; it does not interpret it.
 */
export type LabRecipient = { address: string; parameters: string[] };
export type LabEnvelope = { returnPath: string; parameters: string[]; recipients: LabRecipient[]; smtputf8: boolean };

export type PathCommand = { address: string; parameters: string[] };
export type CommandFault = { reply: string };

type Parameter = { name: string; value: string };
type Check = (value: string) => string | null;

const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/;
const malformed = (name: string) => `501 5.5.4 Malformed ${name} parameter`;
const matching =
  (name: string, pattern: RegExp): Check =>
  (value) =>
    pattern.test(value) ? null : malformed(name);

/** The greatest message a lab provider takes: what large mailbox providers take. */
export const LAB_SIZE_BYTES = 25 * 1024 * 1024;

const MAIL_PARAMETERS: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    "SIZE", // RFC 1870 §6.1
    (value) => {
      if (!/^\d{1,20}$/.test(value)) return malformed("SIZE");
      return Number(value) > LAB_SIZE_BYTES ? "552 5.3.4 Message too big" : null;
    },
  ],
  ["BODY", matching("BODY", /^(?:7BIT|8BITMIME)$/i)], // RFC 6152 §2
  ["SMTPUTF8", matching("SMTPUTF8", /^$/)], // RFC 6531 §3.4
  ["RET", matching("RET", /^(?:FULL|HDRS)$/i)], // RFC 3461 §4.3
  ["ENVID", (value) => (value.length <= 100 && XTEXT.test(value) ? null : malformed("ENVID"))], // §4.4
]);

const RCPT_PARAMETERS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["NOTIFY", matching("NOTIFY", /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/i)], // §4.1
  ["ORCPT", matching("ORCPT", /^[A-Za-z0-9-]+;[!-~\u{80}-\u{10ffff}]+$/u)], // §4.2, RFC 6533 §3
]);

/** Reads what follows MAIL: `FROM:<path>` and its parameters (RFC 5321 §4.1.1.2). */
export function readMail(rest: string): PathCommand | CommandFault {
  const read = readPath(rest, "FROM", MAIL_PARAMETERS);
  if ("reply" in read || read.address === "") return read;
  return isMailbox(read.address) ? checkedCharset(read) : { reply: "501 5.1.7 Bad sender address syntax" };
}

/** Reads what follows RCPT: `TO:<path>` and its parameters (RFC 5321 §4.1.1.3). */
export function readRcpt(rest: string, smtputf8: boolean): PathCommand | CommandFault {
  const read = readPath(rest, "TO", RCPT_PARAMETERS);
  if ("reply" in read) return read;
  if (!isMailbox(read.address)) return { reply: "501 5.1.3 Bad recipient address syntax" };
  return smtputf8 || isAscii(read.address) ? read : { reply: NEEDS_SMTPUTF8 };
}

const NEEDS_SMTPUTF8 = "553 5.6.7 The address needs SMTPUTF8"; // RFC 6531 §3.5
const isAscii = (text: string) => /^[ -~]*$/.test(text);
export const asksForSmtputf8 = (mail: PathCommand): boolean =>
  mail.parameters.some((parameter) => parameter.toUpperCase() === "SMTPUTF8");
/** RFC 6152 §3 for the body, RFC 6531 §3.6 for the header section. */
export const announces8bit = (mail: PathCommand): boolean =>
  asksForSmtputf8(mail) || mail.parameters.some((parameter) => parameter.toUpperCase() === "BODY=8BITMIME");

function checkedCharset(mail: PathCommand): PathCommand | CommandFault {
  return isAscii(mail.address) || asksForSmtputf8(mail) ? mail : { reply: NEEDS_SMTPUTF8 };
}

// One @, no controls, no spaces, no angle brackets: enough to notice a broken sender.
const isMailbox = (address: string) =>
  // oxlint-disable-next-line no-control-regex
  /^[^\s@<>\u0000-\u0020\u007f]+@[^\s@<>\u0000-\u0020\u007f]+$/.test(address) && Buffer.byteLength(address) <= 254;

function readPath(rest: string, word: string, known: ReadonlyMap<string, Check>): PathCommand | CommandFault {
  const match = /^([A-Za-z]+):<([^<>]*)>((?: \S+)*)$/.exec(rest);
  if (!match || match[1]!.toUpperCase() !== word) return { reply: `501 5.5.4 Syntax: ${word}:<address>` };
  const parameters = match[3] === "" ? [] : match[3]!.slice(1).split(" ");
  const seen = new Set<string>();
  for (const text of parameters) {
    const { name, value } = readParameter(text);
    const check = known.get(name);
    if (!check) return { reply: `555 5.5.4 Unsupported parameter` };
    const fault = seen.has(name) ? malformed(name) : check(value);
    if (fault !== null) return { reply: fault };
    seen.add(name);
  }
  return { address: match[2]!, parameters };
}

function readParameter(text: string): Parameter {
  const equals = text.indexOf("=");
  const name = (equals === -1 ? text : text.slice(0, equals)).toUpperCase();
  return { name, value: equals === -1 ? "" : text.slice(equals + 1) };
}
