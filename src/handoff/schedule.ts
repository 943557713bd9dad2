import { HOUR_MS, MINUTE_MS, SECOND_MS, type RetrySchedule } from "../kernel/index.ts";
import type { MessageClass } from "../mail/index.ts";

/**
 * Waits between rounds, a round being one try at every provider that may have the message. RFC 5321 §4.5.4.1 asks for
 * 30 minutes between tries at one host; that is for hosts of strangers. A provider is a paid service that answers
 * "later" for seconds, and a reset link that comes in half an hour is dead.
 */
export const RETRY: Record<MessageClass, RetrySchedule> = {
  C0: { firstMs: 2 * SECOND_MS, factor: 2, maxMs: MINUTE_MS, jitter: 0.2 },
  C1: { firstMs: 5 * SECOND_MS, factor: 2, maxMs: 15 * MINUTE_MS, jitter: 0.2 },
  C2: { firstMs: 5 * SECOND_MS, factor: 2, maxMs: 10 * MINUTE_MS, jitter: 0.2 },
  C3: { firstMs: 30 * SECOND_MS, factor: 2, maxMs: 30 * MINUTE_MS, jitter: 0.2 },
  C4: { firstMs: MINUTE_MS, factor: 2, maxMs: HOUR_MS, jitter: 0.2 },
};

/**
 * With nowhere to go a message waits a quarter of its age: a new one is tried soon again, an old backlog is not
 * leased over and over while everything is down.
 */
export const parkMs = (ageMs: number, fraction: number): number =>
  Math.round(Math.min(MINUTE_MS, Math.max(2 * SECOND_MS, ageMs / 4)) * (0.8 + 0.4 * fraction));

/** An answer that never came is first asked for after this: a provider needs a moment to know itself. */
export const ASK_AFTER_MS = 2 * SECOND_MS;
/** "I do not have it" counts once this long has passed since we broke off; a slow end of data may still be on its way. */
export const TRUST_UNKNOWN_AFTER_MS = 5 * SECOND_MS;
/** While the provider cannot be asked, it is asked again. */
export const ASK_AGAIN_MS = 10 * SECOND_MS;

/**
 * What becomes of a message whose try has an unknown end and whose provider cannot say. A second copy of a notice
 * does no harm, one of a receipt some, a secret's bytes are never sent twice, and bulk waits for a person.
 */
export const UNANSWERABLE: Record<MessageClass, { resendAfterMs: number } | "hold"> = {
  C0: "hold",
  C1: { resendAfterMs: 30 * SECOND_MS },
  C2: { resendAfterMs: MINUTE_MS },
  C3: { resendAfterMs: 15 * MINUTE_MS },
  C4: "hold",
};
