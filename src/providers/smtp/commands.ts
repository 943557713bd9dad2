import type { Envelope, Outcome } from "../../mail/index.ts";
import type { ServerCapabilities } from "./capabilities.ts";

/** Nothing of an address or parameter may end the command it stands in, or the path. */
// oxlint-disable-next-line no-control-regex
const UNSAFE_IN_PATH = /[\u0000-\u0020\u007f<>\u0080-\u009f\u2028\u2029]/;
// oxlint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\u0000-\u007f]/;
const PARAMETER = /^[!-~]{1,600}$/;

/** An envelope that could put octets of its own on the wire. Parsing should have stopped it: somebody's promise is broken. */
export class UnsafeEnvelope extends Error {
  constructor(field: string) {
    super(`${field} of an envelope holds characters that would end an SMTP command`);
    this.name = "UnsafeEnvelope";
  }
}

/**
 * The commands of one transaction, each with its CRLF: MAIL, RCPT for each recipient, and DATA unless the server takes chunks.
 * @throws UnsafeEnvelope
 */
export function commandsFor(envelope: Envelope, offered: ServerCapabilities, octets: number): string[] {
  const commands = [mailCommand(envelope, offered, octets)];
  for (const { mailbox, dsn } of envelope.recipients) {
    let command = `RCPT TO:<${path(mailbox.address, envelope, "A recipient")}>`;
    if (offered.dsn) {
      // RFC 3461 §4: only where the server speaks it; then it reports itself.
      if (dsn.notify !== undefined) command += ` NOTIFY=${parameter(dsn.notify, "NOTIFY")}`;
      if (dsn.original !== undefined) command += ` ORCPT=${parameter(dsn.original, "ORCPT")}`;
    }
    commands.push(`${command}\r\n`);
  }
  if (!offered.chunking) commands.push("DATA\r\n");
  return commands;
}

function mailCommand(envelope: Envelope, offered: ServerCapabilities, octets: number): string {
  const from = envelope.returnPath;
  let command = `MAIL FROM:<${from === null ? "" : path(from.address, envelope, "The return path")}>`;
  if (offered.sizeBytes !== null) command += ` SIZE=${octets}`; // RFC 1870 §6
  if (envelope.needs8bit && offered.eightBitMime) command += " BODY=8BITMIME"; // RFC 6152 §3
  if (envelope.needsSmtputf8) command += " SMTPUTF8"; // RFC 6531 §3.4
  if (offered.dsn) {
    const { returnContent, envelopeId } = envelope.dsn;
    if (returnContent !== undefined) command += ` RET=${parameter(returnContent, "RET")}`;
    if (envelopeId !== undefined) command += ` ENVID=${parameter(envelopeId, "ENVID")}`;
  }
  return `${command}\r\n`;
}

function path(address: string, envelope: Envelope, field: string): string {
  if (UNSAFE_IN_PATH.test(address)) throw new UnsafeEnvelope(field);
  if (!envelope.needsSmtputf8 && BEYOND_ASCII.test(address)) throw new UnsafeEnvelope(field);
  return address;
}

function parameter(value: string, field: string): string {
  if (!PARAMETER.test(value)) throw new UnsafeEnvelope(field);
  return value;
}

/** What this server cannot carry is refused before it is asked. Another provider may carry it, hence the scope. */
export function beyondServer(envelope: Envelope, offered: ServerCapabilities, octets: number): Outcome | null {
  // RFC 6531 §3.1: never to a server that does not offer it. RFC 6152 §3: nor 8-bit text; nobody here re-encodes it.
  if (envelope.needsSmtputf8 && !offered.smtputf8) return limit("smtputf8-not-supported");
  if (envelope.needs8bit && !offered.eightBitMime) return limit("eightbit-not-supported");
  if (offered.sizeBytes !== null && offered.sizeBytes > 0 && octets > offered.sizeBytes) {
    return limit("message-too-large"); // RFC 1870 §5
  }
  return null;
}

const limit = (cause: string): Outcome => ({ kind: "rejected", scope: "account", cause });
