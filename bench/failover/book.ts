/**
 * What became of each message of one system: when the application gave it, what it was told, and every copy that
 * reached the receiver, with the provider it came through. Instants are milliseconds of one monotonic clock.
 */
export type Told = "accepted" | "refused";
type Entry = { givenAt: number; told: Told | null; copies: { at: number; through: string }[] };

export type Tally = {
  given: number;
  accepted: number;
  /** The application was shown an error. */
  refused: number;
  /** Accepted, and never at the receiver: nobody knows. */
  lost: number;
  /** Copies beyond the first. */
  duplicates: number;
  mostCopies: number;
  /** At the receiver, but later than `LATE_MS` after they were given. */
  late: number;
  /** From the fault until the first message given after it arrived by the standby; null: none did. */
  firstByStandbyMs: number | null;
  /**
   * From the fault until mail flows again: each message given since then arrived in time, up to the end of the fault,
   * and there were `WELL` of them at least. 0: the fault was never felt; null: mail never flowed again while it lasted.
   */
  flowsAgainMs: number | null;
  /** Greatest delay of a message that arrived, ms. */
  slowestMs: number;
};

export const LATE_MS = 10_000;
/** Who takes turns has a message that arrives between any two that are lost. */
const WELL = 10;

export class Book {
  readonly #entries = new Map<string, Entry>();

  given(token: string, at: number): void {
    this.#entries.set(token, { givenAt: at, told: null, copies: [] });
  }

  told(token: string, told: Told): void {
    const entry = this.#entries.get(token);
    if (entry) entry.told = told;
  }

  /** @returns false of a message that is none of the load's */
  arrived(token: string, at: number, through: string): boolean {
    const entry = this.#entries.get(token);
    entry?.copies.push({ at, through });
    return entry !== undefined;
  }

  /** Nothing that was accepted is missing, and nobody still waits to be told. */
  get isComplete(): boolean {
    return this.missing === 0;
  }

  get missing(): number {
    return [...this.#entries.values()].filter(({ told, copies }) => told !== "refused" && copies.length === 0).length;
  }

  tally(faultAt: number, faultEndAt: number, standby: string): Tally {
    const entries = [...this.#entries.values()].toSorted((a, b) => a.givenAt - b.givenAt);
    const during = entries.filter(({ givenAt }) => givenAt >= faultAt && givenAt < faultEndAt);
    const delays = entries.flatMap(({ givenAt, copies }) => (copies[0] ? [copies[0].at - givenAt] : []));
    const byStandby = during
      .flatMap(({ copies }) => (copies[0]?.through === standby ? [copies[0].at] : []))
      .toSorted((a, b) => a - b)[0];
    return {
      given: entries.length,
      accepted: entries.filter(({ told }) => told === "accepted").length,
      refused: entries.filter(({ told }) => told === "refused").length,
      lost: entries.filter(({ told, copies }) => told === "accepted" && copies.length === 0).length,
      duplicates: entries.reduce((sum, { copies }) => sum + Math.max(0, copies.length - 1), 0),
      mostCopies: Math.max(0, ...entries.map(({ copies }) => copies.length)),
      late: delays.filter((one) => one > LATE_MS).length,
      firstByStandbyMs: byStandby === undefined ? null : byStandby - faultAt,
      flowsAgainMs: flowsAgain(during, faultAt),
      slowestMs: Math.max(0, ...delays),
    };
  }
}

function flowsAgain(during: readonly Entry[], faultAt: number): number | null {
  const isWell = ({ givenAt, copies }: Entry): boolean => copies[0] !== undefined && copies[0].at - givenAt <= LATE_MS;
  const lastBad = during.findLastIndex((one) => !isWell(one));
  if (lastBad === -1) return 0;
  const first = during[lastBad + 1];
  return first === undefined || during.length - lastBad - 1 < WELL ? null : first.givenAt - faultAt;
}
