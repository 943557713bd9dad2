import { isAscii } from "node:buffer";
import { type Envelope, hasEightBit } from "../../mail/index.ts";
import type { Transaction } from "./dialog.ts";

/** The envelope of a finished transaction; what the message needs of the next hop is read from its text. */
export function envelopeOf(transaction: Transaction, raw: Buffer): Envelope {
  const needs8bit = hasEightBit(raw);
  return {
    returnPath: transaction.returnPath,
    recipients: transaction.recipients,
    dsn: transaction.dsn,
    needsSmtputf8: transaction.smtputf8 && needsSmtputf8(transaction, raw, needs8bit),
    needs8bit,
  };
}

/** Clients give SMTPUTF8 as a matter of course; a message that could do without must not be kept from older hops (RFC 6531 §3.2). */
function needsSmtputf8(transaction: Transaction, raw: Buffer, needs8bit: boolean): boolean {
  if (transaction.returnPath?.needsSmtputf8) return true;
  if (transaction.recipients.some((recipient) => recipient.mailbox.needsSmtputf8)) return true;
  return needs8bit && !isAscii(headerSection(raw));
}

function headerSection(raw: Buffer): Buffer {
  const end = raw.indexOf("\r\n\r\n");
  return end === -1 ? raw : raw.subarray(0, end);
}
