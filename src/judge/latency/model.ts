import { BUCKETS, EDGES_MS, bucketOf } from "./edges.ts";
import { priorShares } from "./prior.ts";

/**
 * How long confirmation takes through one provider to one group of receivers while all is well: a histogram whose
 * counts halve in `halfLifeMs`. The caller keeps it frozen while the provider is not HEALTHY, for a model that learns
 * from an outage finds outages usual.
 */
export type LatencyPlan = {
  halfLifeMs: number;
  /** Believed before anything was seen, as if `priorMessages` had said so. Slower than most: ignorance is patient. */
  priorMedianMs: number;
  priorP95Ms: number;
  priorMessages: number;
  /** ε: the least that survival may be at any age. */
  neverConfirmed: number;
};

/** What a row holds: its weights at `at`, three figures each, with runs of zeros left out. */
export type LatencyRow = { at: number; never: number; from: number; counts: number[] };

export class LatencyModel {
  readonly #plan: LatencyPlan;
  readonly #prior: Float64Array;
  readonly #counts = new Float64Array(BUCKETS);
  #never = 0;
  #total = 0;
  /** Weights are kept as of this instant; a later observation weighs more than 1 instead of all others less. */
  #originAt: number;
  #lastAt: number;
  #curve: Float64Array | undefined;
  #sinceCurve = 0;

  constructor(plan: LatencyPlan, at: number) {
    this.#plan = plan;
    this.#prior = priorShares(plan);
    this.#originAt = at;
    this.#lastAt = at;
  }

  observe(latencyMs: number, at: number): void {
    const weight = this.#weightAt(at);
    this.#counts[bucketOf(latencyMs)]! += weight;
    this.#saw(weight, at);
  }

  /** One was not confirmed by the time that anybody would still wait for it. */
  observeNever(at: number): void {
    const weight = this.#weightAt(at);
    this.#never += weight;
    this.#saw(weight, at);
  }

  /** Messages it rests on as of `at`, each as much as its age leaves of it. The prior is not among them. */
  seen(at: number): number {
    return this.#total / this.#weightAt(at);
  }

  /**
   * −ln Ŝ at each lower edge, Ŝ(a) = max(1 − F̂(a), ε): how much each message tells that is unconfirmed at that age.
   * Never changes once returned; a new one is made when a hundredth more has been seen.
   */
  curve(): Float64Array {
    if (this.#curve && this.#sinceCurve < Math.max(20, this.#total * 0.01)) return this.#curve;
    this.#sinceCurve = 0;
    const prior = this.#plan.priorMessages * this.#weightAt(this.#lastAt);
    const all = this.#total + prior;
    let below = 0;
    const curve = new Float64Array(BUCKETS);
    for (let k = 0; k < BUCKETS; k += 1) {
      const survival = all === 0 ? 1 : 1 - below / all;
      // The tail is at least as great as what was seen never to arrive.
      curve[k] = Math.max(0, -Math.log(Math.max(survival, this.#plan.neverConfirmed)));
      below += this.#counts[k]! + prior * this.#prior[k]!;
    }
    this.#curve = curve;
    return curve;
  }

  /** Ŝ(a), with a rounded down to an edge: what is a little older than we say tells a little more than we count. */
  survival(ageMs: number): number {
    return Math.exp(-this.curve()[bucketOf(ageMs)]!);
  }

  /** The age that a share `survival` of messages reaches unconfirmed, ms; between edges as if evenly in the logarithm. */
  ageAt(survival: number): number {
    const nats = -Math.log(survival);
    const curve = this.curve();
    const k = curve.findIndex((one) => one >= nats);
    if (k === -1) return EDGES_MS[BUCKETS - 1]!;
    if (k <= 1) return EDGES_MS[1]!;
    const share = (nats - curve[k - 1]!) / (curve[k]! - curve[k - 1]!);
    return EDGES_MS[k - 1]! * (EDGES_MS[k]! / EDGES_MS[k - 1]!) ** share;
  }

  toRow(at: number): LatencyRow {
    const scale = 1 / this.#weightAt(at);
    const rounded = Array.from(this.#counts, (count) => Number((count * scale).toPrecision(4)));
    const from = Math.max(
      0,
      rounded.findIndex((count) => count > 0),
    );
    const to = rounded.findLastIndex((count) => count > 0);
    return { at, never: Number((this.#never * scale).toPrecision(4)), from, counts: rounded.slice(from, to + 1) };
  }

  /** @throws RangeError on a row that no model wrote */
  static fromRow(row: LatencyRow, plan: LatencyPlan): LatencyModel {
    const figures = [row.at, row.never, row.from, ...row.counts];
    if (
      !figures.every((one) => Number.isFinite(one) && one >= 0) ||
      !Number.isInteger(row.from) ||
      row.from + row.counts.length > BUCKETS
    )
      throw new RangeError("not a latency row");
    const model = new LatencyModel(plan, row.at);
    model.#counts.set(row.counts, row.from);
    model.#never = row.never;
    model.#total = row.never + row.counts.reduce((sum, one) => sum + one, 0);
    return model;
  }

  #saw(weight: number, at: number): void {
    this.#total += weight;
    this.#lastAt = Math.max(this.#lastAt, at);
    this.#sinceCurve += 1;
  }

  #weightAt(at: number): number {
    const halvings = Math.max(0, at - this.#originAt) / this.#plan.halfLifeMs;
    if (halvings < 1) return 2 ** halvings;
    // Brought back to 1 before the numbers grow without end.
    const scale = 2 ** -halvings;
    for (let k = 0; k < BUCKETS; k += 1) this.#counts[k]! *= scale;
    this.#never *= scale;
    this.#total *= scale;
    this.#originAt = at;
    return 1;
  }
}
