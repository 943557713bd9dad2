import { AgeSurvival } from "./detectors/age-survival.ts";
import { DeadlineBins, type TrialSink } from "./detectors/deadline-bins.ts";
import { LossTest } from "./detectors/loss-test.ts";
import { LatencyModel, type LatencyRow } from "./latency/model.ts";
import { OWN, ownOf } from "./own.ts";
import type { Parameters } from "./parameters.ts";

/** Groups come from a closed set; this only keeps a mistake from growing. */
const GROUPS_MAX = 32;
/** Streams' canaries that are strata of their own; all others are one. */
const STREAMS_MAX = 12;

/**
 * One provider's messages through all detectors: what is handed off, what arrives. Three tests of silence look at the
 * same messages and differ in what refutes them:
 * `all` anything that arrives · `events` the provider's own events · `own` canaries at our receivers.
 */
export class Traffic {
  all!: AgeSurvival;
  events!: AgeSurvival;
  own!: AgeSurvival;
  losses!: readonly LossTest[];
  /** The latest hand-off that is known to have arrived. */
  throughAt = Number.NEGATIVE_INFINITY;
  /** For each group of receivers which of its messages were in time. */
  #bins!: Map<string, { bins: DeadlineBins; into: TrialSink }>;
  readonly #canaryStreams = new Set<string>();
  readonly #models = new Map<string, LatencyModel>();
  #parameters: Parameters;

  constructor(parameters: Parameters) {
    this.#parameters = parameters;
    this.startAfresh();
  }

  /** What is open from before a verdict says nothing about the provider on trial; its usual latencies stay known. */
  startAfresh(): void {
    const { assumed, losses } = this.#parameters;
    this.all = new AgeSurvival(assumed.contributionNats);
    this.events = new AgeSurvival(assumed.contributionNats);
    this.own = new AgeSurvival(assumed.contributionNats);
    this.losses = losses.map(({ alternative, nats }) => new LossTest(alternative, assumed.loss.missAsUsual, nats));
    this.#bins = new Map();
  }

  retune(parameters: Parameters): void {
    this.#parameters = parameters;
    for (const [n, loss] of this.losses.entries()) loss.retune(parameters.losses[n]!.nats);
  }

  /** Of the two tests of silence the one that says more. @param mailTells false: only canaries are asked */
  silence(now: number, mailTells: boolean): { test: AgeSurvival; nats: number } {
    const all = mailTells ? this.all.nats(now) : 0;
    const own = this.own.nats(now);
    return all >= own ? { test: this.all, nats: all } : { test: this.own, nats: own };
  }

  handedOff(at: number, group: string): void {
    const curve = this.model(group, at).curve();
    this.all.handedOff(at, group, curve);
    this.events.handedOff(at, group, curve);
    this.#tried(at, group);
  }

  /** @param learn false while the provider is not HEALTHY */
  confirmed(at: number, sentAt: number, group: string, by: "event" | "log", learn: boolean): void {
    this.throughAt = Math.max(this.throughAt, sentAt);
    this.all.arrived(sentAt);
    if (by === "event") this.events.arrived(sentAt);
    this.#arrived(at, sentAt, group);
    if (learn) this.model(group, at).observe(at - sentAt, at);
  }

  canarySent(at: number, stream: string): void {
    const curve = this.model(OWN, at).curve();
    const stratum = ownOf(
      this.#canaryStreams.has(stream) || this.#canaryStreams.size < STREAMS_MAX ? stream : "others",
    );
    this.#canaryStreams.add(stratum.slice(OWN.length + 1));
    this.all.handedOff(at, stratum, curve);
    this.own.handedOff(at, stratum, curve);
    this.#tried(at, OWN);
  }

  canaryArrived(at: number, sentAt: number, learn: boolean): void {
    this.throughAt = Math.max(this.throughAt, sentAt);
    this.all.arrived(sentAt);
    this.own.arrived(sentAt);
    this.#arrived(at, sentAt, OWN);
    if (learn) this.model(OWN, at).observe(at - sentAt, at);
  }

  settle(now: number): void {
    for (const { bins, into } of this.#bins.values()) bins.settle(now, into);
  }

  #tried(at: number, group: string): void {
    let known = this.#bins.get(group);
    if (!known) {
      if (this.#bins.size >= GROUPS_MAX) return;
      known = { bins: new DeadlineBins(this.#parameters.assumed.loss.deadlineMs), into: this.#trialsOf(group) };
      this.#bins.set(group, known);
    }
    known.bins.handedOff(at, known.into);
  }

  #arrived(at: number, sentAt: number, group: string): void {
    const known = this.#bins.get(group);
    known?.bins.confirmed(sentAt, at, known.into);
  }

  #trialsOf(group: string): TrialSink {
    const { losses } = this;
    return {
      hit(count = 1) {
        for (const loss of losses) loss.hit(group, count);
      },
      miss() {
        for (const loss of losses) loss.miss(group);
      },
      late() {
        for (const loss of losses) loss.late(group);
      },
    };
  }

  /** What is usual, to be kept over a restart: one row for each group. */
  latencies(at: number): Record<string, LatencyRow> {
    return Object.fromEntries([...this.#models].map(([group, model]) => [group, model.toRow(at)]));
  }

  /** @throws RangeError on rows that `latencies` did not make */
  restore(rows: Readonly<Record<string, LatencyRow>>): void {
    const { latency, neverConfirmed } = this.#parameters.assumed;
    for (const [group, row] of Object.entries(rows))
      this.#models.set(group, LatencyModel.fromRow(row, { ...latency, neverConfirmed }));
  }

  model(group: string, at: number): LatencyModel {
    const known = this.#models.get(group);
    if (known) return known;
    const { latency, neverConfirmed } = this.#parameters.assumed;
    const made = new LatencyModel({ ...latency, neverConfirmed }, at);
    this.#models.set(group, made);
    return made;
  }
}
