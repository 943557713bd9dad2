import { HOUR_MS } from "../kernel/index.ts";
/**
 * A provider's circuit breaker, as a value and a pure step. Closed: used. Open: not used until `untilMs`. Half-open:
 * one try at a time finds out. Pinned: it opened too often within an hour, so it stays a last resort for a while
 * instead of swinging the traffic to and fro.
 */
export type BreakerState = "closed" | "open" | "half-open" | "pinned";
export type Breaker = {
  state: BreakerState;
  /** Why it is not closed, in words; empty when closed. */
  reason: string;
  /** When it last opened, or a trial failed. */
  openedMs: number;
  untilMs: number;
  consecutiveFailures: number;
  /** Results of the last WINDOW_MS. */
  recent: { at: number; failed: boolean }[];
  /** Instants of openings within the last hour. */
  openings: number[];
  trialOnTheWay: boolean;
};

export const closedBreaker = (): Breaker => ({
  state: "closed",
  reason: "",
  openedMs: 0,
  untilMs: 0,
  consecutiveFailures: 0,
  recent: [],
  openings: [],
  trialOnTheWay: false,
});

const WINDOW_MS = 30_000;
const CONSECUTIVE = 5;
const SHARE = 0.5;
const SHARE_OF_AT_LEAST = 20;
const RECENT_MAX = 200;
const OPEN_FIRST_MS = 5_000;
const OPEN_MAX_MS = 300_000;
/** At most two automatic switches an hour, then pinned. */
const OPENINGS_PER_HOUR = 2;
const PINNED_MS = HOUR_MS;

/** What one hand-off told about the provider. `fatal`: it refused the account itself. */
export type Signal = { kind: "good" } | { kind: "bad"; cause: string } | { kind: "fatal"; cause: string };

/** @param begunMs when that hand-off began; unless given, before anything that is asked here */
export function afterSignal(
  breaker: Breaker,
  signal: Signal,
  now: number,
  begunMs: number = Number.NEGATIVE_INFINITY,
): Breaker {
  const recent = [
    ...breaker.recent.filter((one) => one.at > now - WINDOW_MS).slice(-RECENT_MAX + 1),
    { at: now, failed: signal.kind !== "good" },
  ];
  if (signal.kind === "good") {
    const closes = breaker.state === "half-open";
    // While it is open, answers still come in of messages that left before: they prove nothing about now. One that left
    // since was a canary's, which no breaker holds: then a message need not wait for its trial.
    const hasProof = breaker.state === "open" && begunMs > breaker.openedMs;
    return {
      ...breaker,
      state: closes ? "closed" : hasProof ? "half-open" : breaker.state,
      reason: closes ? "" : breaker.reason,
      recent: closes ? [] : recent,
      consecutiveFailures: 0,
      trialOnTheWay: false,
    };
  }
  const consecutiveFailures = breaker.consecutiveFailures + 1;
  const next = { ...breaker, recent, consecutiveFailures, trialOnTheWay: false };
  const why = openReason(next, signal);
  if (breaker.state === "pinned") return next;
  return breaker.state === "half-open" || (breaker.state === "closed" && why !== null)
    ? opened(next, why ?? signal.cause, now)
    : next;
}

function openReason(breaker: Breaker, signal: Signal): string | null {
  if (signal.kind === "fatal") return `the account was refused (${signal.cause})`;
  if (signal.kind === "good") return null;
  if (breaker.consecutiveFailures >= CONSECUTIVE)
    return `${breaker.consecutiveFailures} failures in a row, the last: ${signal.cause}`;
  const failed = breaker.recent.filter((one) => one.failed).length;
  return breaker.recent.length >= SHARE_OF_AT_LEAST && failed / breaker.recent.length > SHARE
    ? `${failed} of the last ${breaker.recent.length} failed, the last: ${signal.cause}`
    : null;
}

function opened(breaker: Breaker, reason: string, now: number): Breaker {
  // A failed trial prolongs the same outage, however long ago that began; only closing and opening again is a switch.
  const openings =
    breaker.state === "half-open" ? breaker.openings : [...breaker.openings.filter((at) => at > now - HOUR_MS), now];
  const base = { ...breaker, openings, consecutiveFailures: 0, recent: [] };
  if (openings.length > OPENINGS_PER_HOUR) {
    return {
      ...base,
      state: "pinned",
      reason: `opened ${openings.length} times within an hour, the last time: ${reason}`,
      untilMs: now + PINNED_MS,
    };
  }
  const last = breaker.state === "half-open" ? breaker.untilMs : 0;
  const openedAt = openings.at(-1) ?? now;
  const wait = last === 0 ? OPEN_FIRST_MS : Math.min(OPEN_MAX_MS, Math.max(OPEN_FIRST_MS, last - openedAt) * 2);
  return { ...base, state: "open", reason, openedMs: now, untilMs: now + wait };
}

/** Time alone may move it: open ends in half-open, pinned ends in closed. */
export function atTime(breaker: Breaker, now: number): Breaker {
  if (breaker.state === "open" && now >= breaker.untilMs) return { ...breaker, state: "half-open" };
  if (breaker.state === "pinned" && now >= breaker.untilMs) return { ...closedBreaker() };
  return breaker;
}

/** A half-open provider gets one message at a time. */
export const mayUse = (breaker: Breaker): boolean =>
  breaker.state === "closed" || (breaker.state === "half-open" && !breaker.trialOnTheWay);
