import { HOUR_MS, MINUTE_MS } from "../../kernel/index.ts";
import { PACE_GROWTH, type Pace } from "../../spool/index.ts";

export const PACE_BOUNDS = {
  /** Messages an hour that no receiver is surprised by, however new the sender. */
  floorPerHour: 100,
  /** Beyond this no receiver counts any more what one sender does. */
  mostPerHour: 1_000_000,
  growsEveryMs: HOUR_MS,
  /** Below this share of tries put off it may grow; above that one it has to shrink. */
  growsBelow: 0.05,
  shrinksAbove: 0.1,
  /** Fewer tries say nothing. */
  leastTries: 20,
  shrinkEveryMs: 15 * MINUTE_MS,
  /** What is counted, and how often. */
  countedMs: 15 * MINUTE_MS,
  countEveryMs: MINUTE_MS,
  /** Critical mail (C2): ten a second, or what waits within ten minutes, whatever is more. */
  criticalPerHour: 36_000,
  criticalWithinMs: 10 * MINUTE_MS,
} as const;

export type PaceFacts = {
  tries: number;
  deferred: number;
  critical: number;
  criticalWaiting: number;
  /** Messages it took in the last hour; asked for only where the allowance may grow (mayGrow). */
  lastHour: number;
};

/** A stand-in's first allowance. */
export function firstPace(provider: string, insteadOf: string[], peakPerHour: number, now: number): Pace {
  const allowance = allowanceFor(peakPerHour);
  return {
    provider,
    insteadOf,
    state: "ramping",
    allowancePerHour: allowance,
    routinePerHour: allowance,
    criticalPerHour: PACE_BOUNDS.criticalPerHour,
    peakPerHour,
    deferred: 0,
    beganAt: now,
    stepAt: now,
    countedAt: now,
  };
}

export const mayGrow = ({ stepAt }: Pace, now: number): boolean => now - stepAt >= PACE_BOUNDS.growsEveryMs;

/**
 * The next allowance. Pure. Each hour PACE_GROWTH times the best hour so far while receivers put off less than a twentieth: they know
 * what they were sent and not what was allowed; halved each quarter of an hour
 * while they put off more than a tenth, and after that it waits an hour before it grows again. Routine mail has what
 * critical mail leaves, and never nothing.
 */
export function nextPace(pace: Pace, facts: PaceFacts, now: number): Pace {
  const { tries, critical, criticalWaiting } = facts;
  const knows = tries >= PACE_BOUNDS.leastTries;
  const deferred = tries === 0 ? 0 : Math.min(1, facts.deferred / tries);
  const sinceMs = now - pace.stepAt;
  let { state, allowancePerHour, stepAt, peakPerHour } = pace;
  if (knows && deferred > PACE_BOUNDS.shrinksAbove) {
    if (state === "ramping" || sinceMs >= PACE_BOUNDS.shrinkEveryMs) {
      state = "stopped";
      allowancePerHour = Math.max(PACE_BOUNDS.floorPerHour / 2, Math.round(allowancePerHour / 2));
      stepAt = now;
    }
  } else if (mayGrow(pace, now) && deferred < PACE_BOUNDS.growsBelow) {
    if (state === "ramping") {
      peakPerHour = Math.max(peakPerHour, Math.round(facts.lastHour * (1 - deferred)));
      allowancePerHour = Math.min(Math.round(allowancePerHour * PACE_GROWTH), allowanceFor(peakPerHour));
    }
    state = "ramping";
    stepAt = now;
  }
  const criticalOfHour = (critical * HOUR_MS) / PACE_BOUNDS.countedMs;
  return {
    ...pace,
    state,
    allowancePerHour,
    peakPerHour,
    stepAt,
    routinePerHour: Math.round(Math.max(PACE_BOUNDS.floorPerHour / 2, allowancePerHour - criticalOfHour)),
    criticalPerHour: Math.round(
      Math.max(PACE_BOUNDS.criticalPerHour, (criticalWaiting * HOUR_MS) / PACE_BOUNDS.criticalWithinMs),
    ),
    deferred,
    countedAt: now,
  };
}

const allowanceFor = (peakPerHour: number): number =>
  Math.min(PACE_BOUNDS.mostPerHour, Math.max(PACE_BOUNDS.floorPerHour, Math.round(PACE_GROWTH * peakPerHour)));
