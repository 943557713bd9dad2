/**
 * What a provider's answer means. A 2xx is a claim, not a fact; an answer nobody wrote into the table is `held`.
 * accepted       the provider took responsibility, as far as it says
 * deferred       not now; this or another provider may be tried
 * held           it took the message but says (or may mean) that it will not send it
 * rejected       never, for this recipient or this account (see scope)
 * indeterminate  bytes were sent and no clear answer came: it may or may not have the message
 */
export const OUTCOMES = ["accepted", "deferred", "held", "rejected", "indeterminate"] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];

/** What a refusal speaks of: this recipient, this message, or the whole account (so that another provider may do better). */
export type OutcomeScope = "recipient" | "message" | "account";

export type Outcome = {
  kind: OutcomeKind;
  scope: OutcomeScope;
  /** Stable word for the cause, from the adapter's table: `account-suspended`, `mailbox-unavailable`, `connection-refused`… */
  cause: string;
  replyCode?: number;
  /** RFC 3463, `5.7.1`. */
  enhancedStatus?: string;
  providerMessageId?: string;
  /** What the provider said, one line of at most 300 characters, control characters removed. */
  diagnostic?: string;
};
