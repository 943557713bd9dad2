import { Silence } from "./silence.ts";

/**
 * The primary test: "everything handed off since τ is lost". O(t) are the messages sent after the latest-sent one
 * that is known to have arrived; Λ(t) = Σ over O(t) of −ln Ŝ(age). Any arrival of something sent later refutes it.
 * Each group of receivers is a stratum with its own latencies; Λ of the provider is the sum over them, since one
 * arrival anywhere refutes that the provider as a whole has stopped.
 */
export type Silent = {
  /** Λ. */
  nats: number;
  open: number;
  /** τ̂. */
  sinceAt: number | null;
  /** Λ of each group that contributes, the greatest first. */
  groups: { group: string; nats: number }[];
};

/** Groups come from a closed set (kernel vocabulary of receivers); this only keeps a mistake from growing. */
const GROUPS_MAX = 32;

export class AgeSurvival {
  readonly #strata = new Map<string, Silence>();
  /** The same, to be walked once a second for every test. */
  readonly #all: Silence[] = [];
  readonly #contributionNats: number;
  readonly #capacity: number | undefined;

  /** @param capacity messages that a stratum keeps */
  constructor(contributionNats: number, capacity?: number) {
    this.#contributionNats = contributionNats;
    this.#capacity = capacity;
  }

  handedOff(at: number, group: string, curve: Float64Array): void {
    let stratum = this.#strata.get(group);
    if (!stratum) {
      if (this.#strata.size >= GROUPS_MAX) return;
      stratum = new Silence(curve, this.#capacity);
      this.#strata.set(group, stratum);
      this.#all.push(stratum);
    }
    stratum.handedOff(at, curve);
  }

  /** A message sent at `sentAt` arrived, whichever group it was for. */
  arrived(sentAt: number): void {
    for (const stratum of this.#all) if (stratum.open > 0) stratum.refuted(sentAt);
  }

  get hasOpen(): boolean {
    for (const stratum of this.#all) if (stratum.open > 0) return true;
    return false;
  }

  nats(now: number): number {
    let sum = 0;
    for (const stratum of this.#all) if (stratum.open > 0) sum += stratum.nats(now);
    return sum;
  }

  /** τ̂. */
  get sinceAt(): number | null {
    let least: number | null = null;
    for (const { open, sinceAt } of this.#all)
      if (open > 0 && sinceAt !== null && (least === null || sinceAt < least)) least = sinceAt;
    return least;
  }

  /** The numbers behind Λ, for a verdict: not for every message. */
  at(now: number): Silent {
    const open = [...this.#strata].filter(([, stratum]) => stratum.open > 0);
    const groups = open
      .map(([group, stratum]) => ({ group, nats: stratum.nats(now) }))
      .filter(({ nats }) => nats >= this.#contributionNats)
      .toSorted((a, b) => b.nats - a.nats);
    return {
      nats: this.nats(now),
      open: open.reduce((sum, [, stratum]) => sum + stratum.open, 0),
      sinceAt: this.sinceAt,
      groups,
    };
  }
}
