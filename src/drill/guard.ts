import type { State } from "../judge/index.ts";
import { DRILL_BOUNDS } from "./bounds.ts";
import type { Drill, DrillEnd } from "./rows.ts";

/** What the guard looks at. Counts are of the stand-ins, of the last minute and since the drill began. */
export type GuardFacts = {
  now: number;
  standIns: readonly { provider: string; state: State }[];
  /** Age of the oldest critical message that came since the drill began and still waits, ms; null: none. */
  oldestCriticalMs: number | null;
  answers: number;
  deferred: number;
  rejected: number;
  /** The fastest burn of an error budget that is known; null: none is kept. */
  burn: { name: string; rate: number } | null;
};

/** They can carry mail. EVENTS_DARK: mail flows, only its events do not. */
const CARRIES: ReadonlySet<State> = new Set(["HEALTHY", "EVENTS_DARK"]);

/** Null: it may go on. Pure. What a person asked for comes first, then what is dearest. */
export function guardOf(drill: Drill, facts: GuardFacts): DrillEnd | null {
  const { now, standIns, answers } = facts;
  if (drill.stopAskedBy !== null) return { by: "operator", because: `${drill.stopAskedBy} stopped it.`, numbers: {} };
  const fallen = standIns.find(({ state }) => !CARRIES.has(state));
  if (fallen)
    return {
      by: "stand-in-fell",
      because: `${fallen.provider}, which stood in for it, became ${fallen.state}.`,
      numbers: { provider: fallen.provider, state: fallen.state },
    };
  if (facts.oldestCriticalMs !== null && facts.oldestCriticalMs > DRILL_BOUNDS.oldestCriticalMs)
    return {
      by: "critical-waits",
      because: `Critical mail waited for more than the ${seconds(DRILL_BOUNDS.oldestCriticalMs)} s that it may.`,
      numbers: { waitedS: seconds(facts.oldestCriticalMs), limitS: seconds(DRILL_BOUNDS.oldestCriticalMs) },
    };
  if (facts.burn && facts.burn.rate >= DRILL_BOUNDS.burnRate)
    return {
      by: "budget-burns",
      because: `The error budget of ${facts.burn.name} burnt ${Number(facts.burn.rate.toFixed(1))} times as fast as it may; ${DRILL_BOUNDS.burnRate} is the limit.`,
      numbers: { budget: facts.burn.name, rate: Number(facts.burn.rate.toFixed(1)), limit: DRILL_BOUNDS.burnRate },
    };
  for (const [by, count, limit, word] of [
    ["deferrals", facts.deferred, DRILL_BOUNDS.deferredShare, "put off"],
    ["rejections", facts.rejected, DRILL_BOUNDS.rejectedShare, "refused"],
  ] as const)
    if (answers >= DRILL_BOUNDS.answersLeast && count / answers > limit)
      return {
        by,
        because: `The stand-ins ${word} ${percent(count / answers)} % of ${answers} messages; ${percent(limit)} % is the limit.`,
        numbers: { count, answers, percent: percent(count / answers), limitPercent: percent(limit) },
      };
  if (now >= drill.untilAt)
    return { by: "time", because: "Its time was over.", numbers: { ranS: seconds(now - drill.startedAt) } };
  return null;
}

const seconds = (ms: number): number => Math.round(ms / 1_000);
const percent = (share: number): number => Math.round(share * 100);
