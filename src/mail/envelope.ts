import type { Mailbox } from "./address.ts";

/** DSN parameters of MAIL FROM, kept for the next hop (RFC 3461 §4.3, §4.4). */
export type EnvelopeDsn = { returnContent?: "FULL" | "HDRS"; envelopeId?: string };
/** DSN parameters of RCPT TO (RFC 3461 §4.1, §4.2), as validated text: `SUCCESS,FAILURE`, `rfc822;a@b.example`. */
export type RecipientDsn = { notify?: string; original?: string };

export type Recipient = { mailbox: Mailbox; dsn: RecipientDsn };

/** What a message is transferred with (RFC 5321 §2.3.1). `returnPath` is null for `<>`. */
export type Envelope = {
  returnPath: Mailbox | null;
  recipients: Recipient[];
  dsn: EnvelopeDsn;
  /** The message or an address of it needs SMTPUTF8 (RFC 6531). */
  needsSmtputf8: boolean;
  /** The body holds octets above 127 (RFC 6152). */
  needs8bit: boolean;
};
