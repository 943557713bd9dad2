import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../kernel/index.ts";

/** Minutes are counted this long after one has ended: a provider's word of its last message is on its way. */
export const COUNTED_AFTER_MS = 30 * SECOND_MS;
/**
 * At which ages the mail of a minute is counted, in minutes since it began. Most of it is confirmed within the first ones,
 * which are also those that an alarm looks at; what comes later comes slowly.
 */
const AGES = [1, 2, 3, 4, 5, 7, 10, 15, 30, 61];
/** Counted in one turn: usual are ten to fourteen; more of them only after nobody led for a while. */
export const AT_ONCE = 20;
/** What nobody counted for so long stays uncounted. */
const LOOK_BACK_MS = 26 * HOUR_MS;
/** Rows of ended mail may be gone once they are as old as they are kept: what is counted then would be too little. */
const SWEEP_SLACK_MS = 5 * MINUTE_MS;

export type DueParts = {
  now: number;
  /** When each minute was last counted. */
  counted: ReadonlyMap<number, number>;
  /** When the oldest message was accepted; null: there are none. */
  firstAt: number | null;
  /** Times that objectives allow: once the last message of a minute is that old, it is decided. */
  withinMs: readonly number[];
  /** How long rows of ended mail are kept. */
  keptMs: number;
};

export const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS) * MINUTE_MS;
export const lookBackFrom = (now: number, keptMs: number): number => minuteOf(now - Math.min(LOOK_BACK_MS, keptMs));

/** From a minute's beginning until all of its mail is decided and counted. */
const decidedAfterMs = (withinMs: number): number => withinMs + MINUTE_MS + COUNTED_AFTER_MS;

/** Before this instant mail is decided: it was there within the time, or it was not. Of what is younger nobody can tell yet. */
export const decidedUntil = (now: number, withinMs: number): number =>
  minuteOf(now - decidedAfterMs(withinMs)) + MINUTE_MS;

/** When mail of that minute is counted. */
export function countsAt(minute: number, withinMs: readonly number[], keptMs: number): number[] {
  const ages = [...AGES.map((age) => age * MINUTE_MS + COUNTED_AFTER_MS), ...withinMs.map(decidedAfterMs)];
  return ages.filter((age) => age < keptMs - SWEEP_SLACK_MS || age <= 2 * MINUTE_MS).map((age) => minute + age);
}

/** Which minutes are to be counted now, the newest first: the present matters more than the record. */
export function dueMinutes({ now, counted, firstAt, withinMs, keptMs }: DueParts): number[] {
  if (firstAt === null) return [];
  const due: number[] = [];
  const oldest = Math.max(minuteOf(firstAt), lookBackFrom(now, keptMs));
  for (let minute = minuteOf(now) - MINUTE_MS; minute >= oldest && due.length < AT_ONCE; minute -= MINUTE_MS) {
    const last = counted.get(minute) ?? Number.NEGATIVE_INFINITY;
    if (countsAt(minute, withinMs, keptMs).some((at) => at <= now && last < at)) due.push(minute);
  }
  return due;
}
