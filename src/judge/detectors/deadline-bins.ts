/**
 * Turns "handed off at s" and "that of s was confirmed at c" into hits and misses at a deadline, without keeping
 * messages: one counter for each second of hand-off, deadline + 1 of them, whatever the rate.
 */
export type TrialSink = {
  hit(count?: number): void;
  miss(): void;
  /** One that was told as a miss has arrived after all: it was late, not lost. */
  late(): void;
};

const BIN_MS = 1_000;

export class DeadlineBins {
  readonly #sent: Uint32Array;
  readonly #inTime: Uint32Array;
  readonly #deadlineMs: number;
  /** The oldest second that is not settled yet; NaN before the first message. */
  #oldest = Number.NaN;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
    const size = Math.ceil(deadlineMs / BIN_MS) + 2;
    this.#sent = new Uint32Array(size);
    this.#inTime = new Uint32Array(size);
  }

  handedOff(at: number, into: TrialSink): void {
    this.settle(at, into);
    const bin = Math.max(Math.floor(at / BIN_MS), this.#oldest);
    this.#sent[bin % this.#sent.length]! += 1;
  }

  confirmed(handedOffAt: number, at: number, into: TrialSink): void {
    const bin = Math.floor(handedOffAt / BIN_MS);
    if (bin < this.#oldest) into.late();
    if (at - handedOffAt > this.#deadlineMs || !(bin >= this.#oldest)) return;
    const slot = bin % this.#sent.length;
    if (this.#inTime[slot]! < this.#sent[slot]!) this.#inTime[slot]! += 1;
  }

  /** All seconds whose deadline has passed at `now` become hits and misses. */
  settle(now: number, into: TrialSink): void {
    const newest = Math.floor(now / BIN_MS);
    if (Number.isNaN(this.#oldest)) this.#oldest = newest;
    const ripe = Math.floor((now - this.#deadlineMs) / BIN_MS) - 1;
    for (let steps = this.#sent.length; this.#oldest <= ripe && steps > 0; steps -= 1) {
      this.#settleBin(this.#oldest % this.#sent.length, into);
      this.#oldest += 1;
    }
    if (this.#oldest <= ripe) this.#oldest = ripe + 1; // a pause longer than the ring: all of it is settled
  }

  /** Misses are spread evenly among the hits of their second: hits first would let a great number of messages alarm. */
  #settleBin(slot: number, into: TrialSink): void {
    const hits = this.#inTime[slot]!;
    const misses = this.#sent[slot]! - hits;
    let given = 0;
    for (let n = 1; n <= misses; n += 1) {
      const due = Math.floor((hits * n) / (misses + 1));
      if (due > given) into.hit(due - given);
      given = Math.max(given, due);
      into.miss();
    }
    if (hits > given) into.hit(hits - given);
    this.#sent[slot] = 0;
    this.#inTime[slot] = 0;
  }
}
