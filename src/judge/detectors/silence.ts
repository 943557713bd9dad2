import { EDGES_MS } from "../latency/edges.ts";

/**
 * One stratum of the age-survival test: messages handed off and not refuted, oldest first, and their sum
 * Λ(t) = Σ −ln Ŝ(t − sᵢ), kept as time goes on.
 *
 * −ln Ŝ is a staircase over the buckets' edges, and messages in a queue pass each edge in their order. So one pointer
 * for each edge says how many are beyond it; each message passes each edge once, and a step of time touches only
 * edges that the oldest has reached. Memory is a ring of `capacity` instants: when it is full the oldest leaves (its
 * weight with it), for by then Λ is far beyond any threshold.
 */
const CAPACITY = 1_024;

export class Silence {
  readonly #sentAt: Float64Array;
  readonly #capacity: number;
  /** Messages ever put in, and ever taken out: positions in the ring modulo its capacity. */
  #head = 0;
  #tail = 0;
  /** For each edge, the position of the first message that has not reached it; below #head means #head. */
  readonly #beyond = new Float64Array(EDGES_MS.length);
  #curve: Float64Array;
  #nats = 0;
  /** The last instant that Λ was counted for. */
  #at = Number.NEGATIVE_INFINITY;
  #sinceAt: number | null = null;

  constructor(curve: Float64Array, capacity = CAPACITY) {
    this.#curve = curve;
    this.#capacity = capacity;
    this.#sentAt = new Float64Array(capacity);
  }

  /** @param curve what latencies are usual now; it holds from the next time that nothing is open */
  handedOff(at: number, curve: Float64Array): void {
    if (this.#tail === this.#head) this.#begin(at, curve);
    if (this.#tail - this.#head === this.#capacity) this.#drop(1);
    // A hand-off told late stands behind the newest: a few milliseconds younger than it is.
    const last = this.#tail > this.#head ? this.#sentAt[(this.#tail - 1) % this.#capacity]! : at;
    this.#sentAt[this.#tail % this.#capacity] = Math.max(at, last);
    this.#tail += 1;
  }

  /** Something sent at `sentAt` arrived: not all since an earlier instant was lost, so what is older proves nothing. */
  refuted(sentAt: number): void {
    let gone = 0;
    while (this.#head + gone < this.#tail && this.#sentAt[(this.#head + gone) % this.#capacity]! <= sentAt) gone += 1;
    this.#drop(gone);
    this.#sinceAt = this.#tail > this.#head ? this.#sentAt[this.#head % this.#capacity]! : null;
  }

  /** Λ at `now`, nats. */
  nats(now: number): number {
    if (this.#tail === this.#head || now <= this.#at) return this.#nats;
    this.#at = now;
    for (let k = 0; k < EDGES_MS.length; k += 1) {
      const reached = now - EDGES_MS[k]!;
      const before = Math.max(this.#beyond[k]!, this.#head);
      let at = before;
      while (at < this.#tail && this.#sentAt[at % this.#capacity]! <= reached) at += 1;
      if (at !== before) {
        this.#beyond[k] = at;
        this.#nats += (at - before) * this.#step(k);
      }
      if (at === this.#head) break; // the oldest has not reached this edge, nobody has reached a later one
    }
    return this.#nats;
  }

  /** τ̂: the hand-off of the earliest message that is still open; from then on all may be lost. */
  get sinceAt(): number | null {
    return this.#sinceAt;
  }

  get open(): number {
    return this.#tail - this.#head;
  }

  #begin(at: number, curve: Float64Array): void {
    this.#curve = curve;
    this.#nats = 0;
    this.#sinceAt = at;
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.#head += count;
    if (this.#head === this.#tail) {
      this.#nats = 0;
      return;
    }
    for (let k = 0; k < EDGES_MS.length; k += 1) {
      const passed = Math.min(count, this.#beyond[k]! - (this.#head - count));
      if (passed <= 0) break; // nobody was beyond this edge, so nobody beyond a later one
      this.#nats -= passed * this.#step(k);
    }
    if (this.#nats < 1e-9) this.#nats = 0;
  }

  /** What passing edge k adds. */
  #step(k: number): number {
    return this.#curve[k]! - (k === 0 ? 0 : this.#curve[k - 1]!);
  }
}
