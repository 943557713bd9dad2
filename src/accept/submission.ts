import type { SpoolId } from "../kernel/index.ts";
import type { Envelope } from "../mail/index.ts";
import type { SigningScope } from "../tenancy/index.ts";

/** Who is submitting, once their credential was checked. */
export type Submitter = { tenant: string; credential: string };

/**
 * A message handed over by an authenticated client, the one shape every door produces.
 * `raw` is RFC 5322 text with CRLF line ends, not dot-stuffed, already checked line by line (mail/message-text).
 */
export type Submission = {
  submitter: Submitter;
  door: "smtp" | "http" | "internal" | "canary";
  /** Drawn by the caller, who must know it before; usually absent. */
  spoolId?: SpoolId;
  /** Asked for by credential, header or field; undefined = the tenant's default stream. */
  stream: string | undefined;
  envelope: Envelope;
  raw: Buffer;
  /** Free labels kept with the message (HTTP only). At most 10. */
  tags?: Record<string, string>;
  /** Milliseconds since the epoch; in the past or absent: now. */
  sendAt?: number;
  /** The id of a message of the same tenant whose place this one takes: that one is not sent, or not sent again. */
  supersedes?: string;
  /** Compared by hash for 72 h; same key and same body give the same answer. */
  idempotency?: { key: string; bodyHash: Buffer };
  /** Of mail that a receiving server took: who brought it. */
  peer?: { address: string; secure: boolean };
};

export type AcceptAnswer =
  | {
      kind: "accepted";
      spoolId: SpoolId;
      replayed: boolean;
      /** Places, among the recipients without repetition, of those on the tenant's suppression list. Not told of a replay. */
      suppressed?: readonly number[];
    }
  | { kind: "refused"; refusal: Refusal };

/** A refusal speaks SMTP and HTTP at once, so that both doors say the same thing. */
export type Refusal = {
  /** Stable, kebab-case, listed in docs/failures.md. */
  code: string;
  smtp: { replyCode: number; enhancedStatus: string };
  http: { status: number };
  /** What is wrong and what to do, in one or two sentences. */
  publicMessage: string;
  retryAfterS?: number;
};

/** What the doors call. Resolves only after the commit. Never throws for an expected refusal. */
export type AcceptPort = {
  accept(submission: Submission): Promise<AcceptAnswer>;
  /** Checks a credential; null where it is wrong. Constant-time. */
  authenticatePassword(username: string, password: string): Submitter | null;
  authenticateApiKey(apiKey: string): Submitter | null;
  /** Whose request of that scope carries which signature (Signature Version 4); null: nobody has this access key id. */
  signingKey(accessKeyId: string, scope: SigningScope): { submitter: Submitter; key: Buffer } | null;
  /** A client known by its network alone (credential with `networks`), for applications that cannot log in. */
  authenticateAddress(remoteAddress: string): Submitter | null;
  /** Why nothing is taken right now (disk, queue, database, shutdown), or null. Asked before a client sends its message. */
  intakeRefusal(): Refusal | null;
};
