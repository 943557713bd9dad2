import { MINUTE_MS, SECOND_MS } from "../../kernel/index.ts";

/** Every figure of the re-drive. */
export const REDRIVE_BOUNDS = {
  /** The first message that was lost may have gone out before the first that the judge missed. */
  marginMs: MINUTE_MS,
  /** Routine mail waits for notices that come late, and for logs. */
  reconcileMs: 15 * MINUTE_MS,
  /** Messages in one transaction: some 30 ms. */
  batch: 500,
  /** Of one look; the next follows a second later. */
  batchesAtOnce: 10,
  /** Questions to a provider's log at once. */
  asksAtOnce: 8,
  askWithinMs: 5 * SECOND_MS,
  /** What critical mail waits for the log in all; then it goes out unasked. */
  criticalAsksMs: 20 * SECOND_MS,
  routineAsksMs: 10 * MINUTE_MS,
  /** So many questions in a row without an answer, and the log is asked no more for this order. */
  silentAsks: 3,
} as const;
