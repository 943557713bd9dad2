import { Shares } from "../shares.ts";
import type { Submitter } from "../submission.ts";
import type { SmtpDoorParts } from "../doors.ts";
import type { EnvelopeDsn, Mailbox, Recipient } from "../../mail/index.ts";
import { greatestText } from "./data-reader.ts";
import { type DoorReplies, doorReplies } from "./replies.ts";

/** What all sessions of a door share. */
export type DoorFacts = {
  parts: SmtpDoorParts;
  replies: DoorReplies;
  /** The octets of message text that all sessions hold together. */
  budget: Shares;
  /** Whether STARTTLS or TLS from the first octet is possible. */
  hasCertificate: boolean;
  /** Monotonic milliseconds of the latest sweep: exact to a second and free to read at every command. */
  now: number;
};

export const doorFacts = (parts: SmtpDoorParts): DoorFacts => ({
  parts,
  replies: doorReplies(parts.hostname),
  budget: new Shares(parts.limits.acceptInFlightBytes, greatestText(parts.limits)),
  hasCertificate: parts.tls !== null,
  now: parts.clock.monotonicMs(),
});

/** Between MAIL and the end of its message. */
export type Transaction = {
  returnPath: Mailbox | null;
  recipients: Recipient[];
  dsn: EnvelopeDsn;
  smtputf8: boolean;
};

/** A login that waits for the client's next line (RFC 4954 §4). `username` is known once LOGIN asked for it. */
export type Login = { mechanism: "PLAIN" | "LOGIN"; username: string | null };

/** Where a session stands in the protocol; the commands read and change it, and know nothing of sockets. */
export type Dialog = {
  readonly facts: DoorFacts;
  readonly remoteAddress: string;
  /** The client is on this machine, or the operator allows passwords in the clear by name. */
  readonly mayLogInPlainly: boolean;
  secure: boolean;
  greeted: boolean;
  /** Set by login, or by network at the first MAIL. */
  submitter: Submitter | null;
  login: Login | null;
  transaction: Transaction | null;
  /** What the octets behind the current command are. */
  next: "command" | "login" | "data" | "tls";
};

export function newDialog(facts: DoorFacts, remoteAddress: string, loopback: boolean, secure: boolean): Dialog {
  return {
    facts,
    remoteAddress,
    mayLogInPlainly: loopback || facts.parts.allowPlaintextAuth,
    secure,
    greeted: false,
    submitter: null,
    login: null,
    transaction: null,
    next: "command",
  };
}

/** RFC 3207 §4.2: after TLS has begun both sides forget what was said before. */
export function forgetEverything(dialog: Dialog): void {
  dialog.secure = true;
  dialog.greeted = false;
  dialog.submitter = null;
  dialog.login = null;
  dialog.transaction = null;
  dialog.next = "command";
}
