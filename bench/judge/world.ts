import type { Random } from "../../src/kernel/index.ts";
import { ASSUMED, type Ask, type Evidence, OWN, ProviderJudge, parametersFor } from "../../src/judge/index.ts";
import { Agenda } from "./agenda.ts";

/**
 * One provider on a virtual clock, with the healthy latencies that the goals assume: log-normal, median 3 s, 95 % in
 * 12 s, 0.5 % never confirmed. Mail comes at random instants (Poisson), for three groups of receivers.
 */
export type WorldPlan = {
  perMinute: number;
  canaries: boolean;
  /** ρ that the threshold without canaries allows for. */
  correlation: number;
  /** Webhooks stand still this often, for 1–10 min: the events come late, all at once. Mail and canaries do not. */
  stallsPerDay: number;
};

const MEDIAN_MS = 3_000;
const SIGMA = Math.log(12 / 3) / 1.6449;
const NEVER = 0.005;
const GROUPS = ["gmail", "microsoft", "other"] as const;
const DAY_MS = 86_400_000;
const TICK_MS = 1_000;
const TAUGHT = 3_000;

export class World {
  judge: ProviderJudge;
  now = 0;
  /** From then on this share of what is handed off is lost, and nothing tells of it. */
  fault: { at: number; loss: number } | null = null;
  messages = 0;
  canaryMessages = 0;
  readonly #plan: WorldPlan;
  readonly #random: Random;
  readonly #agenda = new Agenda<Due>();
  #stalledUntil = 0;

  constructor(plan: WorldPlan, random: Random) {
    this.#plan = plan;
    this.#random = random;
    this.judge = this.#taught();
    this.#agenda.add(this.#gap(), { kind: "mail" });
    if (plan.canaries) this.#agenda.add(this.#random.fraction() * ASSUMED.canary.everyMs, { kind: "canary" });
    if (plan.stallsPerDay > 0) this.#agenda.add(this.#stallGap(), { kind: "stall" });
  }

  /** Lives one second, then the judge looks. */
  second(): void {
    const until = this.now + TICK_MS;
    for (let due = this.#agenda.next(until); due; due = this.#agenda.next(until)) this.#happens(due.at, due.what);
    this.now = until;
    for (const ask of this.judge.tick(until)) this.#answer(ask);
  }

  /** A provider of which nothing is known against it, whose latencies are. */
  startAfresh(): void {
    this.judge = this.#taught();
  }

  #taught(): ProviderJudge {
    const { perMinute, canaries, correlation } = this.#plan;
    const all = perMinute + (canaries ? 60_000 / ASSUMED.canary.everyMs : 0);
    const parameters = parametersFor(all, ASSUMED, correlation);
    const judge = new ProviderJudge({ provider: "p", parameters, hasReceivers: canaries, at: this.now });
    for (const group of [...GROUPS, OWN])
      for (let n = 0; n < TAUGHT; n += 1) judge.traffic.model(group, this.now).observe(this.#latency(), this.now);
    return judge;
  }

  #happens(at: number, due: Due): void {
    switch (due.kind) {
      case "mail": {
        this.messages += 1;
        const draw = this.#random.fraction();
        const group = draw < 0.5 ? GROUPS[0] : draw < 0.8 ? GROUPS[1] : GROUPS[2];
        this.judge.see({ kind: "handed-off", at, group, stream: "mail" });
        this.#agenda.add(at + this.#gap(), due);
        if (this.#lost(at)) return;
        const told = Math.max(at + this.#latency(), this.#stalledUntil);
        this.#agenda.add(told, {
          kind: "see",
          what: { kind: "confirmed", at: told, group, stream: "mail", handedOffAt: at, by: "event" },
        });
        return;
      }
      case "canary":
        this.#agenda.add(at + ASSUMED.canary.everyMs, due);
        return this.#canary(at, false);
      case "burst":
        return this.#canary(at, true);
      case "stall":
        this.#stalledUntil = at + 60_000 * (1 + 9 * this.#random.fraction());
        this.#agenda.add(at + this.#stallGap(), due);
        return;
      case "see":
        // An event that was due while webhooks stand still comes with the others when they move again.
        if (due.what.kind === "confirmed" && at < this.#stalledUntil)
          this.#agenda.add(this.#stalledUntil, { kind: "see", what: { ...due.what, at: this.#stalledUntil } });
        else this.judge.see(due.what);
    }
  }

  #canary(at: number, burst: boolean): void {
    this.canaryMessages += 1;
    const receiver = this.#random.fraction() < 0.5 ? "mx1" : "mx2";
    this.judge.see({ kind: "canary-sent", at, receiver, stream: "mail", burst });
    const deadlineMs = burst ? this.judge.burstDeadlineMs(at) : ASSUMED.canary.deadlineMs;
    const latencyMs = this.#lost(at) ? Infinity : this.#latency();
    const kind = latencyMs <= deadlineMs ? "canary-arrived" : "canary-missed";
    const ended = at + Math.min(latencyMs, deadlineMs);
    this.#agenda.add(ended, { kind: "see", what: { kind, at: ended, receiver, stream: "mail", sentAt: at, burst } });
  }

  #answer(ask: Ask): void {
    if (ask !== "canary-burst") return;
    const { canaries, withinMs } = ASSUMED.burst;
    for (let n = 0; n < canaries; n += 1) this.#agenda.add(this.now + (n * withinMs) / canaries, { kind: "burst" });
  }

  /** Lost by the fault, or for the reasons that there always are. */
  #lost(at: number): boolean {
    const loss = this.fault && at >= this.fault.at ? this.fault.loss : 0;
    return this.#random.fraction() < NEVER + (1 - NEVER) * loss;
  }

  #latency(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.fraction()));
    return MEDIAN_MS * Math.exp(SIGMA * radius * Math.cos(2 * Math.PI * this.#random.fraction()));
  }

  #gap(): number {
    return (-Math.log(1 - this.#random.fraction()) * 60_000) / this.#plan.perMinute;
  }

  #stallGap(): number {
    return (-Math.log(1 - this.#random.fraction()) * DAY_MS) / this.#plan.stallsPerDay;
  }
}

type Due = { kind: "mail" | "canary" | "burst" | "stall" } | { kind: "see"; what: Evidence };
