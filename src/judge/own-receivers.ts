import type { Cell } from "./detectors/matrix.ts";

/**
 * What canaries of one provider (or of one stream through it) found at each receiver of ours: the present series only
 * (since the last change from arriving to missing or back), how many arrived in a row anywhere, and the burst that is
 * asked for at a doubt.
 */
export type Burst = { askedAt: number; arrived: number; missed: number; isSecond: boolean };
/**
 * receiver-fault: enough are missing, but not at every receiver of ours. unsure: all are missing, and of some the receiver
 * is in doubt: a second burst decides, in which that is no excuse.
 */
export type BurstSays = "missed" | "arrived" | "receiver-fault" | "unsure" | null;
export type CanaryEnd = { receiver: string; stream: string; sentAt: number; burst: boolean };

type Count = { arrived: number; missed: number };
type At = {
  cell: Cell;
  /** Of the series of misses: when its first canary was handed off, and whose mail they stood for; bursts aside. */
  missedSince: number;
  streams: Set<string>;
  latestArrivedSentAt: number;
  ofBurst: Count;
};

const RECEIVERS_MAX = 16;
const STREAMS_MAX = 64;
/** A receiver is in doubt that canaries of two streams miss in a row, while another receiver has some. */
const STREAMS_OF_DOUBT = 2;

export class OwnReceivers {
  readonly #provider: string;
  readonly #at = new Map<string, At>();
  /** Of the present burst, by stream. */
  readonly #ofStream = new Map<string, Count>();
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
      at.latestArrivedSentAt = Math.max(at.latestArrivedSentAt, canary.sentAt);
    }
    this.inARow += 1;
    this.latestArrivedSentAt = Math.max(this.latestArrivedSentAt, canary.sentAt);
    this.#count(at, canary, "arrived");
  }

  missed(canary: CanaryEnd, knownAt: number): void {
    const at = this.#receiver(canary.receiver);
    if (at) {
      const { cell } = at;
      Object.assign(cell, { arrived: 0, missed: cell.missed + 1, missedSinceAt: cell.missedSinceAt ?? knownAt });
      at.missedSince = Math.min(at.missedSince, canary.sentAt);
      if (!canary.burst) at.streams.add(canary.stream);
    }
    this.inARow = 0;
    this.latestMissedSentAt = Math.max(this.latestMissedSentAt, canary.sentAt);
    this.#count(at, canary, "missed");
  }

  ask(now: number, isSecond = false): void {
    this.burst = { askedAt: now, arrived: 0, missed: 0, isSecond };
    this.#ofStream.clear();
    for (const at of this.#at.values()) at.ofBurst = { arrived: 0, missed: 0 };
  }

  /** Its canaries arrive nowhere near as they do at another receiver: what is missing there is missing there only. */
  isDoubted(receiver: string): boolean {
    const at = this.#at.get(receiver);
    if (!at || at.streams.size < STREAMS_OF_DOUBT) return false;
    return [...this.#at.values()].some((other) => other !== at && other.latestArrivedSentAt > at.missedSince);
  }

  /**
   * @param needed misses that convict: of two streams, and at receivers each of which missed more than it got
   * @param isDoubted of the whole provider: one stream's canaries cannot tell a receiver's fault from their own
   */
  burstSays(needed: number, canaries: number, isDoubted: (receiver: string) => boolean): BurstSays {
    let missed = 0;
    let arrived = 0;
    let doubted = 0;
    let isPartly = false;
    for (const [receiver, { ofBurst }] of this.#at) {
      arrived += ofBurst.arrived;
      if (ofBurst.missed > 0 && !this.burst?.isSecond && isDoubted(receiver)) doubted += ofBurst.missed;
      else {
        missed += ofBurst.missed;
        isPartly ||= isMixed(ofBurst);
      }
    }
    if (arrived > canaries - needed) return "arrived";
    const streams = [...this.#ofStream.values()];
    isPartly ||= streams.some(isMixed);
    const missing = streams.filter((one) => one.missed > 0).length;
    if (missed >= needed && !isPartly && missing >= Math.min(2, this.streams)) return "missed";
    if (isPartly && this.#isStreams(streams, canaries)) return "arrived";
    if (missed + doubted + arrived < canaries) return null;
    return arrived === 0 ? "unsure" : "receiver-fault";
  }

  /** Streams whose canaries it carries. */
  get streams(): number {
    return this.#streams.size;
  }

  cells(): Cell[] {
    return [...this.#at.values()].map(({ cell }) => ({ ...cell }));
  }

  /** All of it has ended, and some streams' canaries arrived and others' did not. */
  #isStreams(streams: readonly Count[], canaries: number): boolean {
    const ended = streams.reduce((sum, one) => sum + one.arrived + one.missed, 0);
    return ended >= canaries && streams.some((one) => one.arrived === 0) && streams.some((one) => one.missed === 0);
  }

  #count(at: At | undefined, canary: CanaryEnd, as: "arrived" | "missed"): void {
    if (this.#streams.size < STREAMS_MAX) this.#streams.add(canary.stream);
    if (!canary.burst || !this.burst || canary.sentAt < this.burst.askedAt) return;
    this.burst[as] += 1;
    const ofStream = this.#ofStream.get(canary.stream) ?? { arrived: 0, missed: 0 };
    ofStream[as] += 1;
    this.#ofStream.set(canary.stream, ofStream);
    if (at) at.ofBurst[as] += 1;
  }

  #receiver(receiver: string): At | undefined {
    const known = this.#at.get(receiver);
    if (known || this.#at.size >= RECEIVERS_MAX) return known;
    const made: At = {
      cell: { provider: this.#provider, receiver, arrived: 0, missed: 0, missedSinceAt: null },
      missedSince: Infinity,
      streams: new Set(),
      latestArrivedSentAt: Number.NEGATIVE_INFINITY,
      ofBurst: { arrived: 0, missed: 0 },
    };
    this.#at.set(receiver, made);
    return made;
  }
}

const isMixed = ({ arrived, missed }: Count): boolean => arrived > 0 && arrived >= missed;
