import type { Cell } from "./detectors/matrix.ts";

/**
 * What canaries of one provider (or of one stream through it) found at each receiver of ours: the present series only
 * (since the last change from arriving to missing or back), how many arrived in a row anywhere, and the burst that is
 * asked for at a doubt.
 */
export type Burst = {
  askedAt: number;
  /** Of a second one when the first was asked for: canaries of other providers were sent beside that one. */
  firstAskedAt: number;
  arrived: number;
  missed: number;
  /** Asked for at a suspicion, and not at a doubt: those are rarer, so fewer misses convict. */
  isOfSuspicion: boolean;
  isSecond: boolean;
};
/**
 * receiver-fault: enough are missing, but not at every receiver of ours. unsure: all are missing, and of some the receiver
 * is in doubt: a second burst decides, in which that is no excuse.
 */
export type BurstSays = "missed" | "arrived" | "receiver-fault" | "unsure" | null;
export type CanaryEnd = { receiver: string; stream: string; sentAt: number; burst: boolean };

type Place = { receiver: string; stream: string };
type Count = { arrived: number; missed: number };
type At = {
  cell: Cell;
  /** Of the series of misses: when its first canary was handed off, whose mail they stood for, and how many were of no burst. */
  missedSince: number;
  streams: Set<string>;
  steady: number;
  latestArrivedSentAt: number;
};

const RECEIVERS_MAX = 16;
const STREAMS_MAX = 64;
/**
 * A receiver is in doubt that canaries of two streams miss in a row, while another receiver has some: two of those that
 * are waited for long, or three of any kind.
 */
const STREAMS_OF_DOUBT = 2;
const STEADY_OF_DOUBT = 2;
const MISSES_OF_DOUBT = 3;
const MISSES_OF_TWO = 2;

export class OwnReceivers {
  readonly #provider: string;
  readonly #at = new Map<string, At>();
  /** Of the present burst: a handful. */
  #ofBurst: (Place & Count)[] = [];
  readonly #streams = new Set<string>();
  inARow = 0;
  /** The latest hand-off of a canary that arrived, and of one that did not. */
  latestArrivedSentAt = Number.NEGATIVE_INFINITY;
  latestMissedSentAt = Number.NEGATIVE_INFINITY;
  burst: Burst | null = null;

  constructor(provider: string) {
    this.#provider = provider;
  }

  arrived(canary: CanaryEnd): void {
    const at = this.#receiver(canary.receiver);
    if (at) {
      const { cell } = at;
      Object.assign(cell, { arrived: cell.missed > 0 ? 1 : cell.arrived + 1, missed: 0, missedSinceAt: null });
      at.missedSince = Infinity;
      at.streams.clear();
      at.steady = 0;
      at.latestArrivedSentAt = Math.max(at.latestArrivedSentAt, canary.sentAt);
    }
    this.inARow += 1;
    this.latestArrivedSentAt = Math.max(this.latestArrivedSentAt, canary.sentAt);
    this.#count(canary, "arrived");
  }

  missed(canary: CanaryEnd, knownAt: number): void {
    const at = this.#receiver(canary.receiver);
    if (at) {
      const { cell } = at;
      Object.assign(cell, { arrived: 0, missed: cell.missed + 1, missedSinceAt: cell.missedSinceAt ?? knownAt });
      at.missedSince = Math.min(at.missedSince, canary.sentAt);
      at.streams.add(canary.stream);
      if (!canary.burst) at.steady += 1;
    }
    this.inARow = 0;
    this.latestMissedSentAt = Math.max(this.latestMissedSentAt, canary.sentAt);
    this.#count(canary, "missed");
  }

  /** What could not be handed off at all is no canary, and ends the row of those that arrived. */
  breaksOff(): void {
    this.inARow = 0;
  }

  ask(now: number, isOfSuspicion = false): void {
    this.burst = { askedAt: now, firstAskedAt: now, arrived: 0, missed: 0, isOfSuspicion, isSecond: false };
    this.#ofBurst = [];
  }

  /** The same question once more. */
  askAgain(now: number, { firstAskedAt, isOfSuspicion }: Burst): void {
    this.burst = { askedAt: now, firstAskedAt, arrived: 0, missed: 0, isOfSuspicion, isSecond: true };
    this.#ofBurst = [];
  }

  /** Its canaries arrive nowhere near as they do at another receiver: what is missing there is missing there only. */
  isDoubted(receiver: string): boolean {
    const at = this.#at.get(receiver);
    if (!at || at.streams.size < STREAMS_OF_DOUBT) return false;
    return (at.steady >= STEADY_OF_DOUBT || at.cell.missed >= MISSES_OF_DOUBT) && this.#arrivesElsewhere(at);
  }

  /** The same of any canaries, be they one stream's: enough to doubt a receiver that another provider's miss too. */
  missesOnly(receiver: string): boolean {
    const at = this.#at.get(receiver);
    return at !== undefined && at.cell.missed >= MISSES_OF_TWO && this.#arrivesElsewhere(at);
  }

  #arrivesElsewhere(at: At): boolean {
    return [...this.#at.values()].some((other) => other !== at && other.latestArrivedSentAt > at.missedSince);
  }

  /** Since when this receiver has none of its canaries, by their hand-off; infinity: it has the latest. */
  missedSince(receiver: string): number {
    return this.#at.get(receiver)?.missedSince ?? Infinity;
  }

  /** A canary that was handed off since then has arrived there. */
  took(receiver: string, since: number): boolean {
    return (this.#at.get(receiver)?.latestArrivedSentAt ?? Number.NEGATIVE_INFINITY) >= since;
  }

  /**
   * @param needed misses that convict: of two streams, and at receivers each of which missed more than it got
   * @param isExcused of the whole provider: receivers and streams that are in doubt themselves
   */
  burstSays(needed: number, canaries: number, isExcused: (one: Place) => boolean): BurstSays {
    let missed = 0;
    let arrived = 0;
    let excused = 0;
    const streams = new Map<string, Count>();
    const receivers = new Map<string, Count>();
    for (const one of this.#ofBurst) {
      arrived += one.arrived;
      const counts = one.missed === 0 || this.burst?.isSecond || !isExcused(one);
      if (counts) missed += one.missed;
      else excused += one.missed;
      add(streams, one.stream, one);
      if (counts) add(receivers, one.receiver, one);
    }
    if (arrived > canaries - needed) return "arrived";
    const isPartly = [...streams.values(), ...receivers.values()].some(isMixed);
    const missing = [...streams.values()].filter((one) => one.missed > 0).length;
    if (missed >= needed && !isPartly && missing >= Math.min(2, this.streams)) return "missed";
    if (missed + excused + arrived < canaries) return null;
    if (arrived === 0) return "unsure";
    // Some streams' canaries arrived and others' did not: it is for their own judges.
    return [...streams.values()].some((one) => one.missed === 0) && streams.size > 1 ? "arrived" : "receiver-fault";
  }

  /** Streams whose canaries it carries. */
  get streams(): number {
    return this.#streams.size;
  }

  cells(): Cell[] {
    return [...this.#at.values()].map(({ cell }) => ({ ...cell }));
  }

  #count({ receiver, stream, sentAt, burst }: CanaryEnd, as: "arrived" | "missed"): void {
    if (this.#streams.size < STREAMS_MAX) this.#streams.add(stream);
    if (!burst || !this.burst || sentAt < this.burst.askedAt) return;
    this.burst[as] += 1;
    let place = this.#ofBurst.find((one) => one.receiver === receiver && one.stream === stream);
    if (!place) {
      place = { receiver, stream, arrived: 0, missed: 0 };
      this.#ofBurst.push(place);
    }
    place[as] += 1;
  }

  #receiver(receiver: string): At | undefined {
    const known = this.#at.get(receiver);
    if (known || this.#at.size >= RECEIVERS_MAX) return known;
    const made: At = {
      cell: { provider: this.#provider, receiver, arrived: 0, missed: 0, missedSinceAt: null },
      missedSince: Infinity,
      streams: new Set(),
      steady: 0,
      latestArrivedSentAt: Number.NEGATIVE_INFINITY,
    };
    this.#at.set(receiver, made);
    return made;
  }
}

const isMixed = ({ arrived, missed }: Count): boolean => arrived > 0 && arrived >= missed;

function add(to: Map<string, Count>, name: string, { arrived, missed }: Count): void {
  const known = to.get(name) ?? { arrived: 0, missed: 0 };
  to.set(name, { arrived: known.arrived + arrived, missed: known.missed + missed });
}
