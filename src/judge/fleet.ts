import type { Evidence } from "./evidence.ts";
import type { LatencyRow } from "./latency/index.ts";
import { type LocalOutage, OwnNetwork } from "./own-network.ts";
import { ASSUMED, type Assumed, parametersFor } from "./parameters.ts";
import { type Ask, type Control, ProviderJudge, type ReceiverSays } from "./provider-judge.ts";
import { Rate } from "./rate.ts";
import { type Input, type Standing, type State, healthy, isWithdrawn } from "./standing/index.ts";

/**
 * All providers of an installation under one judge: what canaries find through the others tells whose fault it is.
 * `see` evidence in the order of its instants, `tick` once a second. Pure: the program, a rehearsal and a bench drive it
 * alike.
 */
export type StandingChange = {
  provider: string;
  /** "": the whole provider. "tenant/stream": one stream through it. */
  scope: string;
  from: State;
  standing: Standing;
};
/** What must be done to find out, and of which scope. */
export type FleetAsk = { provider: string; ask: Ask; scope: string };
export type FleetProvider = {
  name: string;
  /** Canaries go through it to receivers of our own. */
  hasReceivers: boolean;
};
/** What was found before a restart. */
export type Restore = {
  standings?: readonly { provider: string; scope: string; standing: Standing }[];
  latencies?: ReadonlyMap<string, Readonly<Record<string, LatencyRow>>>;
};
/** Assumed until the first minutes have been counted. */
const PER_MINUTE_AT_FIRST = 10;
const LOOK_EVERY_MS = 60_000;
const RETUNE_EVERY_MS = 3_600_000;
/** A rate that moved by more than this moves the thresholds at once; less is a fraction of a nat. */
const RETUNE_FACTOR = 2;

type One = { judge: ProviderJudge; rate: Rate; tunedFor: number; tunedAt: number; lookedAt: number; told: Standing };

export class Fleet {
  readonly #all = new Map<string, One>();
  readonly #assumed: Assumed;
  readonly #at: number;
  readonly #network: OwnNetwork;
  #outage: LocalOutage | null = null;

  constructor(options: {
    providers: readonly FleetProvider[];
    at: number;
    restore?: Restore;
    assumed?: Assumed;
    /** Messages and canaries a minute through each, until it has been counted. */
    perMinute?: number;
  }) {
    const { providers, at, restore = {}, assumed = ASSUMED, perMinute = PER_MINUTE_AT_FIRST } = options;
    this.#assumed = assumed;
    this.#at = at;
    const { localOutageWithinMs, localOutageCanariesWithinMs } = assumed;
    this.#network = new OwnNetwork({ unreachableMs: localOutageWithinMs, missingMs: localOutageCanariesWithinMs });
    for (const { name, hasReceivers } of providers) {
      const standing = restore.standings?.find((one) => one.provider === name && one.scope === "")?.standing;
      const judge = new ProviderJudge({
        provider: name,
        parameters: parametersFor(perMinute, assumed),
        hasReceivers,
        at,
        ...(standing ? { standing } : {}),
        others: () => this.#others(name).flatMap((one) => one.receivers.cells()),
        control: (since) => this.#control(name, since),
        receiverSays: (receiver, since) => this.#receiverSays(name, receiver, since),
      });
      const usual = restore.latencies?.get(name);
      if (usual) judge.traffic.restore(usual);
      for (const { provider, scope, standing: found } of restore.standings ?? [])
        if (provider === name && scope !== "") judge.streams.restore(scope, found);
      this.#all.set(name, {
        judge,
        rate: new Rate(at),
        tunedFor: perMinute,
        tunedAt: at,
        lookedAt: at,
        told: judge.standing,
      });
    }
  }

  /** Null while our own network is not in doubt. */
  get localOutage(): LocalOutage | null {
    return this.#outage;
  }

  /** Of a provider that is not of this fleet: nothing. */
  see(provider: string, evidence: Evidence): void {
    const one = this.#all.get(provider);
    if (!one) return;
    if (evidence.kind === "handed-off" || evidence.kind === "canary-sent") one.rate.saw(evidence.at);
    this.#network.see(provider, evidence);
    one.judge.see(evidence);
  }

  tick(now: number): { asks: FleetAsk[]; changes: StandingChange[] } {
    const asks: FleetAsk[] = [];
    const changes: StandingChange[] = [];
    this.#judgeNetwork(now);
    for (const [provider, one] of this.#all) {
      this.#retune(one, now);
      if (!this.#outage) {
        this.#judgeUnreachable(provider, one.judge, now);
        const wasSuspect = one.judge.standing.state === "SUSPECT";
        let isClaimed = false;
        for (const ask of one.judge.tick(now)) {
          asks.push({ provider, ...ask });
          isClaimed ||= ask.ask === "log-call";
        }
        const isSuspect = !wasSuspect && one.judge.standing.because.kind === "silence";
        if (isSuspect || isClaimed) asks.push(...this.#comparisons(provider));
      }
      const { standing, streams } = one.judge;
      if (standing !== one.told) {
        changes.push({ provider, scope: "", from: one.told.state, standing });
        one.told = standing;
      }
      for (const change of streams.changes()) changes.push({ provider, ...change });
    }
    return { asks: asks.length < 2 ? asks : without(asks), changes };
  }

  input(provider: string, input: Input, scope = ""): void {
    this.#all.get(provider)?.judge.input(input, scope);
  }

  /** Of what nothing was ever found: healthy. */
  standing(provider: string, scope = ""): Standing {
    const judge = this.#all.get(provider)?.judge;
    const standing = scope === "" ? judge?.standing : judge?.streams.standing(scope);
    return standing ?? healthy(this.#at, this.#assumed.dwell.firstMs);
  }

  /** What speaks for silence at a provider, as a share of what makes it suspected. */
  silence(provider: string, now: number): number {
    return this.#all.get(provider)?.judge.silence(now) ?? 0;
  }

  /** What is usual, one row for each group of receivers. */
  latencies(provider: string, at: number): Record<string, LatencyRow> {
    return this.#all.get(provider)?.judge.traffic.latencies(at) ?? {};
  }

  /** By when a canary of a burst has to be there after it was handed off, ms. */
  burstDeadlineMs(provider: string, now: number): number {
    return this.#all.get(provider)?.judge.burstDeadlineMs(now) ?? this.#assumed.burst.deadlineMostMs;
  }

  /** No verdict falls while our own network is at fault, and what was open before proves nothing afterwards. */
  #judgeNetwork(now: number): void {
    const outage = this.#network.outage;
    const began = outage !== null && this.#outage === null;
    const ended = outage === null && this.#outage !== null;
    const { sinceAt } = outage ?? this.#outage ?? { sinceAt: now };
    this.#outage = outage;
    if (ended) this.#network.forgetUnreachable();
    if (began || ended) for (const { judge } of this.#all.values()) judge.exonerate(now, sinceAt);
  }

  #judgeUnreachable(provider: string, judge: ProviderJudge, now: number): void {
    const series = this.#network.unreachable(provider);
    const { tries, forMs } = this.#assumed.unreachable;
    if (!series || series.count < tries || now - series.sinceAt < forMs) return;
    const numbers = { tries: series.count, sinceAt: series.sinceAt, forS: (now - series.sinceAt) / 1_000 };
    judge.input({ kind: "unreachable", at: now, numbers });
  }

  #others(provider: string): ProviderJudge[] {
    return [...this.#all].flatMap(([name, { judge }]) => (name === provider ? [] : [judge]));
  }

  /** What canaries that were handed off since say through the others: most alike at receivers that are at fault. */
  #control(provider: string, since: number): Control {
    const others = this.#others(provider).filter(({ hasReceivers }) => hasReceivers);
    if (others.some(({ receivers }) => receivers.latestArrivedSentAt >= since)) return "through";
    // Of one that is down already canaries are missing anyhow: that says nothing of our receivers.
    const comparable = others.filter(({ standing }) => !isWithdrawn(standing.state));
    if (comparable.length === 0) return "none";
    return comparable.some(({ receivers }) => receivers.latestMissedSentAt >= since) ? "silent" : "waiting";
  }

  #receiverSays(provider: string, receiver: string, since: number): ReceiverSays {
    const others = this.#others(provider);
    if (others.some(({ receivers }) => receivers.took(receiver, since))) return "takes";
    return others.some(({ receivers }) => receivers.missesOnly(receiver)) ? "doubted" : "unknown";
  }

  /** Where a provider is suspected of silence or lies, canaries through others tell whether our receivers are at fault. */
  #comparisons(provider: string): FleetAsk[] {
    return this.#others(provider)
      .filter(({ hasReceivers, standing }) => hasReceivers && !isWithdrawn(standing.state))
      .toSorted((a, b) => b.receivers.latestArrivedSentAt - a.receivers.latestArrivedSentAt)
      .slice(0, COMPARED)
      .map((other) => ({ provider: other.provider, ask: "canary-burst", scope: "" }));
  }

  #retune(one: One, now: number): void {
    if (now - one.lookedAt < LOOK_EVERY_MS) return;
    one.lookedAt = now;
    const perMinute = one.rate.perMinute(now);
    if (perMinute === null) return;
    const ratio = (perMinute + 1) / (one.tunedFor + 1);
    const moved = ratio > RETUNE_FACTOR || ratio < 1 / RETUNE_FACTOR;
    if (!moved && now - one.tunedAt < RETUNE_EVERY_MS) return;
    one.judge.retune(parametersFor(perMinute, this.#assumed));
    one.tunedFor = perMinute;
    one.tunedAt = now;
  }
}

/** Two, for one of them may be failing itself and nobody knows yet. */
const COMPARED = 2;

/** Asked for by two of them: once. */
const without = (asks: readonly FleetAsk[]): FleetAsk[] =>
  asks.filter(
    (one, n) => asks.findIndex((x) => x.provider === one.provider && x.ask === one.ask && x.scope === one.scope) === n,
  );
