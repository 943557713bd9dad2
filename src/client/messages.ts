/** What goes to Postern and what comes back, as its OpenAPI document describes it. Types alone: this file runs nothing. */

/** `"ada@example.com"`, `"Ada Lovelace <ada@example.com>"` or its parts. */
export type MailboxInput = string | { email: string; name?: string };

export type AttachmentInput = {
  filename?: string;
  /** `application/pdf` */
  contentType: string;
  /** Octets, or text that is base64 already. */
  content: string | Uint8Array;
  /** For `cid:` links of the html, without angle brackets. */
  contentId?: string;
  disposition?: "attachment" | "inline";
};

/** A message in fields; Postern writes the MIME text. */
export type FieldMessage = {
  from: MailboxInput;
  to?: MailboxInput[];
  cc?: MailboxInput[];
  bcc?: MailboxInput[];
  replyTo?: MailboxInput[];
  subject: string;
  text?: string;
  html?: string;
  headers?: Record<string, string>;
  attachments?: AttachmentInput[];
  /** `<id@domain>`; made by Postern where absent. */
  messageId?: string;
  /** One of the tenant's streams; its default where absent. */
  stream?: string;
  /** At most 10. */
  tags?: Record<string, string>;
  /** RFC 3339: when it is sent; in the past or absent: now. */
  sendAt?: string;
  /** The id of a message whose place this one takes: that one is not sent, or not sent again. */
  supersedes?: string;
  /** Where it differs from the fields. */
  envelope?: { returnPath?: string | null; recipients?: string[] };
};

/** A message as MIME text, every line ended by CR LF, with the envelope it is sent with. */
export type RawMessage = {
  /** Octets, or text that is base64 already. */
  raw: string | Uint8Array;
  envelope: { returnPath: string | null; recipients: string[] };
  stream?: string;
  tags?: Record<string, string>;
  sendAt?: string;
  supersedes?: string;
};

export type Message = FieldMessage | RawMessage;

export type MessageState = "scheduled" | "queued" | "in-flight" | "held" | "ended";
export type RecipientState =
  | "pending"
  | "handed-off"
  | "delivered"
  | "rejected"
  | "expired"
  | "suppressed"
  | "cancelled";

/** Where a message stands. Instants are RFC 3339 text in UTC. */
export type MessageSummary = {
  id: string;
  stream: string;
  class: "C0" | "C1" | "C2" | "C3" | "C4";
  door: string;
  state: MessageState;
  heldReason: string | null;
  dueAt: string | null;
  acceptedAt: string;
  /** The instant it was scheduled for; null: it was to be sent at once. */
  sendAt: string | null;
  expiresAt: string | null;
  endedAt: string | null;
  returnPath: string;
  author: string;
  messageId: string;
  sizeBytes: number;
  tags: Record<string, string>;
  recipients: { address: string; state: RecipientState; reason: string | null }[];
};

export type MessageAttempt = {
  n: number;
  provider: string;
  routeReason: string;
  /** Indexes into the recipients of the message. */
  recipients: number[];
  startedAt: string;
  settledAt: string | null;
  outcome: "accepted" | "deferred" | "held" | "rejected" | "indeterminate" | null;
  scope: "recipient" | "message" | "account" | null;
  cause: string | null;
  replyCode: number | null;
  enhancedStatus: string | null;
  providerMessageId: string | null;
  diagnostic: string | null;
};

export type MessageStory = MessageSummary & {
  attempts: MessageAttempt[];
  events: { at: string; kind: string; detail: Record<string, unknown> }[];
};

export type ListFilter = {
  state?: MessageState;
  stream?: string;
  recipient?: string;
  acceptedAfter?: Date | string;
  acceptedBefore?: Date | string;
  /** Messages asked for at once, 1 to 200. The iterator goes on over all pages. */
  pageSize?: number;
};
