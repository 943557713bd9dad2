import { DAY_MS, MINUTE_MS, type Random } from "../../../kernel/index.ts";
import {
  ASSUMED,
  type Assumed,
  type Evidence,
  Fleet,
  LatencyModel,
  OWN,
  type StandingChange,
} from "../../../judge/index.ts";
import { Agenda } from "./agenda.ts";
import { draw, exponential } from "./latencies.ts";
import type { WorldPlan } from "./plan.ts";
import { Weather } from "./weather.ts";

/** What is lost from an instant on, and nothing tells of it. */
export type Fault = {
  at: number;
  /** Of what is handed off this share. */
  loss: number;
  /** Only this stream's; undefined: all. */
  stream?: string;
  /** Calls all that it lost delivered, in events and in its log. */
  lies?: boolean;
};

export const ACTIVE = "active";
export const STANDBY = "standby";
const TICK_MS = 1_000;
const TAUGHT = 3_000;
/** Some weeks of a few messages a minute: beside them what is assumed before anything was seen weighs nothing. */
const TAUGHT_WEIGHS = 30;
const CLAIM_AFTER_MS = 5_000;
const LOG_ANSWERS_AFTER_MS = 2_000;

type Canary = { provider: string; receiver: string; stream: string; burst: boolean; sentAt: number };
type Due =
  | { kind: "mail" }
  | { kind: "canary"; provider: string; n: number }
  | { kind: "burst"; provider: string; scope: string; n: number }
  | { kind: "told"; what: Extract<Evidence, { kind: "confirmed" }> }
  | { kind: "see"; provider: string; what: Evidence }
  | { kind: "claim"; provider: string };

/** Providers on a virtual clock, lived second by second; the judge is the program's own. */
export class World {
  fleet: Fleet;
  now = 0;
  fault: Fault | null = null;
  messages = 0;
  canaries = 0;
  burstCanaries = 0;
  readonly #plan: WorldPlan;
  readonly #assumed: Assumed;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #agenda = new Agenda<Due>();
  /** Whose next canary was sent before its time. */
  readonly #ahead = new Set<string>();
  /** Of each provider's each stream, to which receiver the next canary goes. */
  readonly #turns = new Map<string, number>();

  constructor(plan: WorldPlan, random: Random, assumed: Assumed = ASSUMED) {
    this.#plan = plan;
    this.#random = random;
    this.#assumed = assumed;
    this.#weather = new Weather(plan, random);
    this.fleet = this.#taught();
    this.#agenda.add(this.#gap(), { kind: "mail" });
    if (!plan.canaries) return;
    for (const provider of this.#providers)
      this.#agenda.add(random.fraction() * assumed.canary.everyMs, { kind: "canary", provider, n: 0 });
  }

  get state(): string {
    return this.fleet.standing(ACTIVE).state;
  }

  /** Lives one second, then the judge looks. */
  second(): readonly StandingChange[] {
    const until = this.now + TICK_MS;
    for (let due = this.#agenda.next(until); due; due = this.#agenda.next(until)) this.#happens(due.at, due.what);
    this.now = until;
    const { asks, changes } = this.fleet.tick(until);
    for (const { provider, ask, scope } of asks) {
      if (ask === "canary-burst") this.#burst(provider, scope);
      else if (ask === "canary-next") this.#nextNow(provider, scope);
      else if (ask === "log-call" && this.fault?.lies)
        this.#see(until + LOG_ANSWERS_AFTER_MS, provider, { kind: "log-answer", at: until, says: "delivered" });
    }
    return changes;
  }

  /** Providers of which nothing is known against them, whose latencies are. */
  startAfresh(): void {
    this.fleet = this.#taught();
  }

  get #providers(): readonly string[] {
    return this.#plan.standby ? [ACTIVE, STANDBY] : [ACTIVE];
  }

  /** As after some weeks of the same mail: what the judge has learned is what it would have. */
  #taught(): Fleet {
    const { perMinute, canaries, groups } = this.#plan;
    const { latency, neverConfirmed, canary } = this.#assumed;
    const rows = Object.fromEntries(
      [...groups, { name: OWN, slower: 1 }].map(({ name, slower }) => {
        const model = new LatencyModel({ ...latency, neverConfirmed }, this.now);
        for (let n = 0; n < TAUGHT; n += 1) model.observe(draw(this.#plan.latency, this.#random) * slower, this.now);
        const row = model.toRow(this.now);
        return [name, { ...row, counts: row.counts.map((count) => count * TAUGHT_WEIGHS) }];
      }),
    );
    return new Fleet({
      providers: this.#providers.map((name) => ({ name, hasReceivers: canaries })),
      at: this.now,
      assumed: this.#assumed,
      perMinute: perMinute + (canaries ? MINUTE_MS / canary.everyMs : 0),
      restore: { latencies: new Map(this.#providers.map((name) => [name, rows])) },
    });
  }

  #happens(at: number, due: Due): void {
    switch (due.kind) {
      case "mail":
        this.#agenda.add(at + this.#gap(), due);
        return this.#mail(at);
      case "canary": {
        const { provider, n } = due;
        const { everyMs, standbyEveryMs } = this.#assumed.canary;
        const wasAhead = this.#ahead.delete(provider);
        const next = { ...due, n: wasAhead ? n : n + 1 };
        this.#agenda.add(at + (provider === ACTIVE ? everyMs : standbyEveryMs), next);
        if (!wasAhead) this.#canary(at, provider, this.#streamOf(n), false);
        return;
      }
      case "burst":
        this.burstCanaries += 1;
        return this.#canary(at, due.provider, due.scope === "" ? this.#streamOf(due.n) : due.scope, true);
      case "told": {
        // What was due while webhooks stand still comes with the others when they move again.
        const heardAt = this.#weather.webhooksMoveAt(at);
        if (heardAt > at) this.#agenda.add(heardAt, { kind: "told", what: { ...due.what, at: heardAt } });
        else this.fleet.see(ACTIVE, due.what);
        return;
      }
      case "claim":
        return this.fleet.see(due.provider, { kind: "webhook-seen", at, ofMissingCanary: true });
      case "see":
        return this.fleet.see(due.provider, due.what);
      default:
        throw new Error(`nothing such happens: ${due satisfies never}`);
    }
  }

  #mail(at: number): void {
    this.messages += 1;
    const { groups, streams, never, slowMailboxes } = this.#plan;
    const group = pick(groups, this.#random);
    const stream = pick(streams, this.#random).name;
    this.fleet.see(ACTIVE, { kind: "handed-off", at, group: group.name, stream });
    const isLost = this.#lost(at, stream, never);
    if (isLost && !(this.fault?.lies && at >= this.fault.at)) return;
    let arrivesAt = at + draw(this.#plan.latency, this.#random) * group.slower * this.#weather.slower(at);
    if (slowMailboxes > 0 && this.#random.fraction() < slowMailboxes) arrivesAt += exponential(1_800_000, this.#random);
    arrivesAt += this.#weather.stormDelayMs(at, group.name === groups[0]!.name);
    const heardAt = arrivesAt + this.#weather.webhookDelayMs(at);
    const what = { kind: "confirmed", at: heardAt, group: group.name, stream, handedOffAt: at, by: "event" } as const;
    this.#agenda.add(heardAt, { kind: "told", what });
  }

  #canary(at: number, provider: string, stream: string, burst: boolean): void {
    this.canaries += 1;
    const receiver = this.#receiverOf(provider, stream);
    const canary: Canary = { provider, receiver, stream, burst, sentAt: at };
    this.fleet.see(provider, { kind: "canary-sent", at, receiver, stream, burst });
    const isLost =
      provider === ACTIVE ? this.#lost(at, stream, this.#plan.never) : this.#random.fraction() < this.#plan.never;
    const slower = provider === ACTIVE ? this.#weather.slower(at) : 1;
    const isAway = this.#weather.isAway(at, receiver);
    const latencyMs = isLost || isAway ? Infinity : draw(this.#plan.latency, this.#random) * slower;
    const deadlineMs = burst ? this.fleet.burstDeadlineMs(provider, at) : this.#assumed.canary.deadlineMs;
    const kind = latencyMs <= deadlineMs ? "canary-arrived" : "canary-missed";
    const endedAt = at + Math.min(latencyMs, deadlineMs);
    this.#see(endedAt, provider, { kind, at: endedAt, receiver, stream, sentAt: canary.sentAt, burst });
    if (provider === ACTIVE && isLost && this.fault?.lies && at >= this.fault.at)
      this.#agenda.add(at + draw(this.#plan.latency, this.#random) + CLAIM_AFTER_MS, { kind: "claim", provider });
  }

  #nextNow(provider: string, scope: string): void {
    if (this.#ahead.has(provider)) return;
    this.#ahead.add(provider);
    this.#canary(this.now, provider, scope, false);
  }

  #burst(provider: string, scope: string): void {
    const { canaries, withinMs } = this.#assumed.burst;
    for (let n = 0; n < canaries; n += 1)
      this.#agenda.add(this.now + (n * withinMs) / canaries, { kind: "burst", provider, scope, n });
  }

  /** Secrets every other time, the other streams in turns between them. */
  #streamOf(n: number): string {
    const { streams } = this.#plan;
    const secrets = streams.filter(({ isSecret }) => isSecret);
    const rest = streams.filter(({ isSecret }) => !isSecret);
    const kind = n % 2 === 0 && secrets.length > 0 ? secrets : rest.length > 0 ? rest : secrets;
    return kind[Math.floor(n / 2) % kind.length]!.name;
  }

  /** Each stream's canaries come to each receiver in turn. */
  #receiverOf(provider: string, stream: string): string {
    const key = `${provider} ${stream}`;
    const turn = this.#turns.get(key) ?? this.#plan.streams.findIndex(({ name }) => name === stream);
    this.#turns.set(key, turn + 1);
    return turn % 2 === 0 ? "mx1" : "mx2";
  }

  #see(at: number, provider: string, what: Evidence): void {
    this.#agenda.add(at, { kind: "see", provider, what });
  }

  /** Lost by the fault, or for the reasons that there always are. */
  #lost(at: number, stream: string, never: number): boolean {
    const { fault } = this;
    const isHit = fault !== null && at >= fault.at && (fault.stream === undefined || fault.stream === stream);
    return this.#random.fraction() < never + (1 - never) * (isHit ? fault.loss : 0);
  }

  #gap(): number {
    const { perMinute, swing } = this.#plan;
    const now = 1 + swing * Math.sin((2 * Math.PI * this.now) / DAY_MS);
    return exponential(MINUTE_MS / (perMinute * now), this.#random);
  }
}

function pick<One extends { share: number }>(from: readonly One[], random: Random): One {
  let left = random.fraction();
  for (const one of from) if ((left -= one.share) < 0) return one;
  return from.at(-1)!;
}
