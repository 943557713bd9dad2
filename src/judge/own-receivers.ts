import type { Cell } from "./detectors/matrix.ts";

/**
 * What canaries of one provider found at each receiver of ours: the present series only (since the last change from
 * arriving to missing or back), how many arrived in a row anywhere, and the burst that is asked for at a suspicion.
 */
export type Burst = { askedAt: number; arrived: number; missed: number };

const RECEIVERS_MAX = 16;

export class OwnReceivers {
  readonly #provider: string;
  readonly #cells = new Map<string, Cell>();
  inARow = 0;
  /** The latest hand-off of a canary that arrived. */
  latestArrivedSentAt = Number.NEGATIVE_INFINITY;
  /** The latest hand-off of one that did not. */
  latestMissedSentAt = Number.NEGATIVE_INFINITY;
  burst: Burst | null = null;

  constructor(provider: string) {
    this.#provider = provider;
  }

  arrived(receiver: string, sentAt: number, ofBurst: boolean): void {
    const cell = this.#cell(receiver);
    if (cell) Object.assign(cell, { arrived: cell.missed > 0 ? 1 : cell.arrived + 1, missed: 0, missedSinceAt: null });
    this.inARow += 1;
    this.latestArrivedSentAt = Math.max(this.latestArrivedSentAt, sentAt);
    if (ofBurst && this.burst && sentAt >= this.burst.askedAt) this.burst.arrived += 1;
  }

  missed(receiver: string, at: number, sentAt: number, ofBurst: boolean): void {
    const cell = this.#cell(receiver);
    if (cell) Object.assign(cell, { arrived: 0, missed: cell.missed + 1, missedSinceAt: cell.missedSinceAt ?? at });
    this.inARow = 0;
    this.latestMissedSentAt = Math.max(this.latestMissedSentAt, sentAt);
    if (ofBurst && this.burst && sentAt >= this.burst.askedAt) this.burst.missed += 1;
  }

  cells(): Cell[] {
    return [...this.#cells.values()].map((cell) => ({ ...cell }));
  }

  #cell(receiver: string): Cell | undefined {
    const known = this.#cells.get(receiver);
    if (known || this.#cells.size >= RECEIVERS_MAX) return known;
    const made = { provider: this.#provider, receiver, arrived: 0, missed: 0, missedSinceAt: null };
    this.#cells.set(receiver, made);
    return made;
  }
}
