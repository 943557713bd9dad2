import { isUtf8 } from "node:buffer";
import { LOGIN_LINE_OCTETS } from "./auth.ts";
import { COMMANDS } from "./commands.ts";
import type { Dialog } from "./dialog.ts";
import type { LineReader } from "./line-reader.ts";
import { BEHIND_DATA, BEHIND_STARTTLS, MALFORMED, type Reply, TOO_LONG, UNKNOWN_COMMAND } from "./replies.ts";

/** RFC 5321 §4.5.3.1.4, CR LF included. */
const COMMAND_OCTETS = 512;
/**
 * The same, where extensions add parameters: SIZE 26 octets (RFC 1870 §3), BODY 17, SMTPUTF8 10, AUTH 500 (RFC 4954 §3),
 * RET 9, ENVID 107, NOTIFY 29, ORCPT 507 (RFC 3461 §4), and room for addresses of the greatest length.
 */
const PATH_COMMAND_OCTETS = 2048;

const NOT_PLAIN = /[^\x20-\x7e]/;
const SPACE = 0x20;
const TAB = 0x09;

/** Finds the command of a line (an octet a character) and does it. `lines` tells how long the line was and what came behind. */
export function perform(dialog: Dialog, line: string, lines: LineReader): Reply {
  let text = withoutSpaceBehind(line);
  if (NOT_PLAIN.test(text)) {
    const octets = Buffer.from(text, "latin1");
    text = octets.toString("utf8"); // RFC 6531 §3.3: addresses may be UTF-8
    if (!isUtf8(octets) || HAS_CONTROL.test(text)) return MALFORMED;
  }
  const space = text.indexOf(" ");
  const verb = (space === -1 ? text : text.slice(0, space)).toUpperCase();
  const command = COMMANDS.get(verb);
  if (command === undefined) return UNKNOWN_COMMAND;
  if (lines.lineOctets > COMMAND_OCTETS && lines.lineOctets > mostOctets(verb)) return TOO_LONG;
  // A client that works waits for the answer to these two (RFC 2920 §3.1, RFC 3207 §4.2). Octets behind them are either
  // a stranger's, put before the first encrypted ones, or message text about to be taken for commands.
  if (lines.waiting > 0) {
    if (verb === "DATA") return BEHIND_DATA;
    if (verb === "STARTTLS") return BEHIND_STARTTLS;
  }
  return command(dialog, space === -1 ? "" : text.slice(space + 1));
}

// oxlint-disable-next-line no-control-regex
const HAS_CONTROL = /[\x00-\x1f\x7f]/;

function mostOctets(verb: string): number {
  if (verb === "AUTH") return LOGIN_LINE_OCTETS;
  return verb === "MAIL" || verb === "RCPT" ? PATH_COMMAND_OCTETS : COMMAND_OCTETS;
}

/** RFC 5321 §4.1.1: space before the CR LF is borne. */
function withoutSpaceBehind(line: string): string {
  let end = line.length;
  while (end > 0 && (line.charCodeAt(end - 1) === SPACE || line.charCodeAt(end - 1) === TAB)) end -= 1;
  return end === line.length ? line : line.slice(0, end);
}
