import type { Evidence } from "./evidence.ts";
import type { LatencyRow } from "./latency/index.ts";
import { ASSUMED, type Assumed, parametersFor } from "./parameters.ts";
import { type Ask, ProviderJudge } from "./provider-judge.ts";
import { Rate } from "./rate.ts";
import { type Input, type Standing, type State, healthy } from "./standing/index.ts";

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
/** Nothing gets through by any provider: the fault is on our side, and no verdict falls while it lasts. */
export type LocalOutage = { sinceAt: number; providers: readonly string[] };

/** Assumed until the first minutes have been counted. */
const PER_MINUTE_AT_FIRST = 10;
const RETUNE_EVERY_MS = 3_600_000;
/** A rate that moved by more than this moves the thresholds at once; less is a fraction of a nat. */
const RETUNE_FACTOR = 2;

type One = { judge: ProviderJudge; rate: Rate; tunedFor: number; tunedAt: number };

export class Fleet {
  readonly #all = new Map<string, One>();
  readonly #told = new Map<string, Standing>();
  readonly #assumed: Assumed;
  readonly #at: number;

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
    for (const { name, hasReceivers } of providers) {
      const standing = restore.standings?.find((one) => one.provider === name && one.scope === "")?.standing;
      const judge = new ProviderJudge({
        provider: name,
        parameters: parametersFor(perMinute, assumed),
        hasReceivers,
        at,
        ...(standing ? { standing } : {}),
        others: () => [...this.#all].flatMap(([other, one]) => (other === name ? [] : one.judge.receivers.cells())),
      });
      const usual = restore.latencies?.get(name);
      if (usual) judge.traffic.restore(usual);
      this.#all.set(name, { judge, rate: new Rate(at), tunedFor: perMinute, tunedAt: at });
      this.#told.set(keyOf(name, ""), judge.standing);
    }
  }

  /** Null while our own network is not in doubt. */
  get localOutage(): LocalOutage | null {
    return null;
  }

  /** Of a provider that is not of this fleet: nothing. */
  see(provider: string, evidence: Evidence): void {
    const one = this.#all.get(provider);
    if (!one) return;
    if (evidence.kind === "handed-off" || evidence.kind === "canary-sent") one.rate.saw(evidence.at);
    one.judge.see(evidence);
  }

  tick(now: number): { asks: FleetAsk[]; changes: StandingChange[] } {
    const asks: FleetAsk[] = [];
    const changes: StandingChange[] = [];
    for (const [provider, one] of this.#all) {
      this.#retune(one, now);
      for (const ask of one.judge.tick(now)) asks.push({ provider, ask, scope: "" });
      this.#note(provider, "", one.judge.standing, changes);
    }
    return { asks, changes };
  }

  input(provider: string, input: Input, scope = ""): void {
    if (scope === "") this.#all.get(provider)?.judge.input(input);
  }

  /** Of what nothing was ever found: healthy. */
  standing(provider: string, scope = ""): Standing {
    const judge = this.#all.get(provider)?.judge;
    return scope === "" && judge ? judge.standing : healthy(this.#at, this.#assumed.dwell.firstMs);
  }

  /** What is usual, one row for each group of receivers. */
  latencies(provider: string, at: number): Record<string, LatencyRow> {
    return this.#all.get(provider)?.judge.traffic.latencies(at) ?? {};
  }

  /** By when a canary of a burst has to be there after it was handed off, ms. */
  burstDeadlineMs(provider: string, now: number): number {
    return this.#all.get(provider)?.judge.burstDeadlineMs(now) ?? this.#assumed.burst.deadlineMostMs;
  }

  #note(provider: string, scope: string, standing: Standing, into: StandingChange[]): void {
    const key = keyOf(provider, scope);
    const before = this.#told.get(key);
    if (before === standing) return;
    this.#told.set(key, standing);
    into.push({ provider, scope, from: before?.state ?? "HEALTHY", standing });
  }

  #retune(one: One, now: number): void {
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

const keyOf = (provider: string, scope: string): string => `${provider} ${scope}`;
