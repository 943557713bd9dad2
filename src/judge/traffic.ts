import { AgeSurvival } from "./detectors/age-survival.ts";
import { Cusum } from "./detectors/cusum.ts";
import { DeadlineBins, type TrialSink } from "./detectors/deadline-bins.ts";
import { Selective } from "./detectors/selective.ts";
import { LatencyModel, type LatencyRow } from "./latency/model.ts";
import type { Parameters } from "./parameters.ts";

/** The stratum of canaries to receivers of our own: they confirm themselves, no word of the provider is needed. */
export const OWN = "own";

/**
 * One provider's messages through all detectors: what is handed off, what arrives. Four tests of silence look at the
 * same messages and differ in what refutes them:
 * `all` anything that arrives · `events` the provider's own events · `own` canaries at our receivers · streams and
 * groups an arrival of the same name.
 */
export class Traffic implements TrialSink {
  all!: AgeSurvival;
  events!: AgeSurvival;
  own!: AgeSurvival;
  streams!: Selective;
  groups!: Selective;
  losses!: readonly Cusum[];
  #bins!: DeadlineBins;
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
    this.streams = new Selective(assumed.contributionNats);
    this.groups = new Selective(assumed.contributionNats);
    this.losses = losses.map(({ alternative, nats }) => new Cusum(alternative, assumed.loss.missAsUsual, nats));
    this.#bins = new DeadlineBins(assumed.loss.deadlineMs);
  }

  retune(parameters: Parameters): void {
    this.#parameters = parameters;
    for (const [n, loss] of this.losses.entries()) loss.retune(parameters.losses[n]!.nats);
  }

  handedOff(at: number, group: string, stream: string): void {
    const curve = this.model(group, at).curve();
    this.all.handedOff(at, group, curve);
    this.events.handedOff(at, group, curve);
    this.streams.handedOff(at, stream, group, curve);
    this.groups.handedOff(at, group, group, curve);
    this.#bins.handedOff(at, this);
  }

  /** @param learn false while the provider is not HEALTHY */
  confirmed(at: number, sentAt: number, group: string, stream: string, by: "event" | "log", learn: boolean): void {
    this.all.arrived(sentAt);
    if (by === "event") this.events.arrived(sentAt);
    this.streams.arrived(sentAt, stream);
    this.groups.arrived(sentAt, group);
    this.#bins.confirmed(sentAt, at, this);
    if (learn) this.model(group, at).observe(at - sentAt, at);
  }

  canarySent(at: number): void {
    const curve = this.model(OWN, at).curve();
    this.all.handedOff(at, OWN, curve);
    this.own.handedOff(at, OWN, curve);
    this.#bins.handedOff(at, this);
  }

  canaryArrived(at: number, sentAt: number, learn: boolean): void {
    this.all.arrived(sentAt);
    this.own.arrived(sentAt);
    this.#bins.confirmed(sentAt, at, this);
    if (learn) this.model(OWN, at).observe(at - sentAt, at);
  }

  settle(now: number): void {
    this.#bins.settle(now, this);
  }

  hit(count = 1): void {
    for (const loss of this.losses) loss.hit(count);
  }

  miss(): void {
    for (const loss of this.losses) loss.miss();
  }

  late(): void {
    for (const loss of this.losses) loss.late();
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
