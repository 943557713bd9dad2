import { HOUR_MS, MINUTE_MS, type Random, SECOND_MS } from "../kernel/index.ts";
import type { PostAnswer } from "./egress/index.ts";

/** What becomes of a delivery after a try. `error` is short, in our words and without anything of the answer's text. */
export type Verdict =
  | { kind: "delivered" }
  | { kind: "again"; dueAt: number; error: string }
  | { kind: "gave-up"; error: string }
  /** Not tried to the end because this node stops, or because there is more of it: due at once, for whoever is there. */
  | { kind: "released"; dueAt: number };

/** Waits after the first, second, … failed try, as Standard Webhooks gives them: eight tries in 31 h 35 min. */
export const RETRY_WAITS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
];
/** So that the retries of an outage do not all come in one second. */
const JITTER = 0.1;
/** A receiver may ask for more time than the schedule gives, up to this. */
const LONGEST_RETRY_AFTER_MS = 6 * HOUR_MS;

const GONE = 410;

/**
 * @param tries made so far, this one included.
 * @param enough statuses that mean the same as 410 in the format of this webhook.
 */
export function verdictOf(
  answer: PostAnswer,
  tries: number,
  now: number,
  random: Random,
  enough: readonly number[] = [],
): Verdict {
  if (isTaken(answer)) return { kind: "delivered" };
  const error = answerText(answer);
  if (answer.kind === "answered" && (answer.status === GONE || enough.includes(answer.status)))
    return { kind: "gave-up", error };
  const waitMs = RETRY_WAITS_MS[tries - 1];
  if (waitMs === undefined) return { kind: "gave-up", error };
  const spreadMs = waitMs * (1 + JITTER * (2 * random.fraction() - 1));
  const askedMs = answer.kind === "answered" ? Math.min(answer.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS) : 0;
  return { kind: "again", dueAt: now + Math.round(Math.max(spreadMs, askedMs)), error };
}

export const isTaken = (answer: PostAnswer): boolean =>
  answer.kind === "answered" && answer.status >= 200 && answer.status < 300;

/** What became of it, in our words: of what was answered the status only. */
export function answerText(answer: PostAnswer): string {
  switch (answer.kind) {
    case "answered":
      return `answered ${answer.status}`;
    case "refused":
      return answer.code;
    case "failed":
      return answer.cause;
  }
}
