import type { RejectReason } from "../delivery-event.ts";

/**
 * What an enhanced status says about trying this recipient again.
 * hard only where it says that the address or its domain is not there (any more): who acts upon a hard bounce stops
 * writing to somebody, and for a password reset that is worse than one more bounce. Everything else is soft: it is about
 * the state of a mailbox or system, this message, or who sends it.
 */
export type StatusClass = { bounce: "hard" | "soft"; reason: RejectReason; meaning: string };

const hard = (reason: RejectReason, meaning: string): StatusClass => ({ bounce: "hard", reason, meaning });
const soft = (reason: RejectReason, meaning: string): StatusClass => ({ bounce: "soft", reason, meaning });

/** By `subject.detail`. RFC 3463 §3.1–8 (and the registry "SMTP Enhanced Status Codes", seen 2026-11-25). */
const DETAILS: Readonly<Record<string, StatusClass>> = {
  // RFC 3463 §3.2
  "1.1": hard("invalid", "no such mailbox"),
  "1.2": hard("invalid", "no such domain"),
  "1.3": hard("invalid", "the address cannot be read"),
  "1.4": hard("invalid", "the address is ambiguous"),
  "1.6": hard("invalid", "the mailbox has moved and left no address"),
  "1.7": soft("other", "the sender's address cannot be read"), // about us, not about the recipient
  "1.8": soft("other", "the sender's domain does not exist"),
  "1.9": soft("other", "the message went to a system that does not take it"),
  "1.10": hard("invalid", "the domain takes no mail (null MX)"),
  // RFC 3463 §3.3
  "2.1": soft("other", "the mailbox takes no mail"), // "may be permanent … or transient": not a word about the address
  "2.2": soft("bounced", "the mailbox is full"), // "should be used only as a persistent transient error"
  "2.3": soft("other", "the message is longer than the mailbox takes"),
  "2.4": soft("other", "the list could not be expanded"),
  "3.1": soft("other", "the system's disk is full"), // RFC 3463 §3.4
  "3.2": soft("other", "the system takes no mail at the moment"),
  "3.4": soft("other", "the message is too large for the system"),
  "4.0": soft("timed_out", "something about network or routing"), // RFC 3463 §3.5
  "4.1": soft("timed_out", "the host does not answer"),
  "4.2": soft("timed_out", "the connection broke"),
  "4.3": soft("timed_out", "a directory or DNS server failed"),
  "4.4": hard("invalid", "there is no route to the domain"),
  "4.5": soft("timed_out", "the network is congested"),
  "4.6": soft("other", "the message goes round in a loop"),
  "4.7": soft("timed_out", "it could not be delivered in time"),
};

/** By `subject` where the detail is not known. */
const SUBJECTS: Readonly<Record<string, StatusClass>> = {
  "1": soft("invalid", "something about the address"),
  "2": soft("other", "something about the mailbox"),
  "3": soft("other", "something about the system"),
  "4": soft("timed_out", "something about network or routing"),
  "5": soft("other", "the servers did not understand each other"), // RFC 3463 §3.6
  "6": soft("other", "the content cannot be carried"), // RFC 3463 §3.7
  "7": soft("blocked", "refused by policy"), // RFC 3463 §3.8
};

const UNDEFINED: StatusClass = soft("bounced", "no reason is given");

/** RFC 3463 §2: class 4 may end well another time, whatever the detail says. @param status `5.1.1` */
export function statusClass(status: string): StatusClass {
  const [kind, subject, detail] = status.split(".");
  const found = DETAILS[`${subject}.${detail}`] ?? SUBJECTS[subject ?? ""] ?? UNDEFINED;
  return kind === "5" ? found : { ...found, bounce: "soft" };
}

/**
 * X.Y.0 is "other or undefined" of each subject (RFC 3463 §3.1), and so is a detail about addresses that nobody
 * registered: what else is said is worth more.
 */
export function isVague(status: string | null): boolean {
  if (status === null) return true;
  const [, subject, detail] = status.split(".");
  return detail === "0" || subject === "0" || (subject === "1" && DETAILS[`1.${detail}`] === undefined);
}
