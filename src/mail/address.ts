/** One mailbox, parsed by our own strict grammar (RFC 5321 §4.1.2, without quoted local parts, comments or routes). */
export type Mailbox = {
  localPart: string;
  /** Lower case; A-labels as given, or U-labels where the address needs SMTPUTF8. */
  domain: string;
  /** `localPart@domain`. */
  address: string;
  /** A character above 127 in either part. */
  needsSmtputf8: boolean;
};
/** Filled in by the SMTP room's builder: see parseMailbox. */
export function parseMailbox(_text: string): Mailbox | null {
  throw new Error("to be written");
}
