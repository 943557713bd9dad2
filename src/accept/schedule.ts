import type { Limits, StreamSettings } from "../config/index.ts";
import { HOUR_MS } from "../kernel/index.ts";
import { ttlMs } from "../tenancy/index.ts";
import { refusal } from "./refusals.ts";
import type { Refusal } from "./submission.ts";

/** The same sentences for a new message and for one that is given another instant. */
export const SCHEDULE = {
  beyondSecret: refusal(
    "send-at-beyond-secret",
    "550 5.7.1",
    422,
    "A secret (class C0) may not wait longer than it lives: one that lies about is a leak. Make it when it is to be sent.",
  ),
} as const;

export const tooFar = ({ scheduleAheadMs }: Limits): Refusal =>
  refusal(
    "send-at-too-far",
    "550 5.7.1",
    422,
    `A message may be scheduled ${scheduleAheadMs / HOUR_MS} hours ahead (limits.scheduleAhead). Keep it until later, or name an earlier instant.`,
  );

/**
 * When a message is to be sent. Pure.
 * @returns null: now, also where the instant asked for is past.
 */
export function sendTimeOf(
  sendAt: number | undefined,
  stream: StreamSettings,
  limits: Limits,
  now: number,
): { at: number | null } | Refusal {
  if (sendAt === undefined || sendAt <= now) return { at: null };
  if (!(sendAt - now <= limits.scheduleAheadMs)) return tooFar(limits); // also where it is no number
  const lifeMs = ttlMs(stream.class, stream.ttlMs);
  if (stream.class === "C0" && lifeMs !== null && sendAt - now > lifeMs) return SCHEDULE.beyondSecret;
  return { at: sendAt };
}
