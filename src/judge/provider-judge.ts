import { type Cell, type Cause, judgeCause } from "./detectors/matrix.ts";
import type { Evidence, LogSays } from "./evidence.ts";
import { OwnReceivers } from "./own-receivers.ts";
import type { Parameters } from "./parameters.ts";
import { type Input, type Numbers, type Standing, afterInput, healthy, statusIsClean } from "./standing/index.ts";
import { OWN, Traffic } from "./traffic.ts";

/**
 * Folds one provider's evidence into its standing.
 * 1. `see` each piece of evidence as it comes; refusals and lies are judged at once.
 * 2. `tick` once a second: silence, loss, bursts and time are judged there. It returns what must be done to find out.
 * Stage one is silence (Λ ≥ h₁ → SUSPECT, a burst is asked for), stage two the burst (→ DOWN or HEALTHY). Without
 * receivers of our own there is no stage two, and silence alone has to reach h₂.
 * Invariant: no verdict on a provider rests on one group of receivers alone, unless that is ours.
 */
export type Ask = "canary-burst" | "status-call" | "log-call";

export class ProviderJudge {
  readonly provider: string;
  readonly traffic: Traffic;
  readonly receivers: OwnReceivers;
  #standing: Standing;
  #parameters: Parameters;
  readonly #hasReceivers: boolean;
  readonly #others: () => readonly Cell[];
  #claims = 0;
  #logSays: LogSays | null = null;
  #asks = new Set<Ask>();

  /**
   * @param standing what was found before a restart; latencies are restored through `traffic`, and what was open
   * is seen again as hand-offs of then
   * @param others what canaries found through the other providers, to tell a fault of ours or of a receiver
   */
  constructor(options: {
    provider: string;
    parameters: Parameters;
    hasReceivers: boolean;
    at: number;
    standing?: Standing;
    others?: () => readonly Cell[];
  }) {
    this.provider = options.provider;
    this.#parameters = options.parameters;
    this.#hasReceivers = options.hasReceivers;
    this.#others = options.others ?? (() => []);
    this.traffic = new Traffic(options.parameters);
    this.receivers = new OwnReceivers(options.provider);
    this.#standing = options.standing ?? healthy(options.at, options.parameters.assumed.dwell.firstMs);
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Its rate has changed, and the thresholds with it. */
  retune(parameters: Parameters): void {
    this.#parameters = parameters;
    this.traffic.retune(parameters);
  }

  see(evidence: Evidence): void {
    const learn = this.#standing.state === "HEALTHY";
    const { at } = evidence;
    switch (evidence.kind) {
      case "handed-off":
        return this.traffic.handedOff(at, evidence.group, evidence.stream);
      case "confirmed":
        this.traffic.confirmed(at, evidence.handedOffAt, evidence.group, evidence.stream, evidence.by, learn);
        if (evidence.by === "event") this.#eventSeen(at);
        return;
      case "canary-sent":
        return this.traffic.canarySent(at);
      case "canary-arrived":
        this.traffic.canaryArrived(at, evidence.sentAt, learn);
        this.receivers.arrived(evidence.receiver, evidence.sentAt, evidence.burst);
        this.#claims = 0;
        this.#logSays = null;
        return;
      case "canary-missed":
        return this.receivers.missed(evidence.receiver, at, evidence.sentAt, evidence.burst);
      // Nothing was taken, so nothing can be missing; whose network is at fault is found among all providers.
      case "unreachable":
        return;
      case "webhook-seen":
        if (!evidence.ofMissingCanary) return this.#eventSeen(at);
        this.#claims += 1;
        this.#asks.add("log-call");
        return;
      case "log-answer":
        this.#logSays = evidence.says;
        return this.#judgeLie(at);
      case "refused-for-account":
        this.#asks.add("status-call");
        return this.input({ kind: "account-refused", at, numbers: { cause: evidence.cause } });
      case "status-poll":
        return this.#polled(at, evidence.answer);
      default:
        throw new Error(`no such evidence: ${evidence satisfies never}`);
    }
  }

  /** @returns what to do now; each is asked for once until it was answered */
  tick(now: number): Ask[] {
    this.traffic.settle(now);
    this.#judgeSilence(now);
    this.#judgeBurst(now);
    this.#judgeEvents(now);
    this.#judgeLoss(now);
    const { state } = this.#standing;
    const { canariesInARow } = this.#parameters.assumed.probing;
    if (state === "DOWN" && this.receivers.inARow >= canariesInARow)
      this.#input("canaries-in-a-row", now, { canaries: this.receivers.inARow });
    if (state === "SUSPECT" || state === "PROBING")
      this.#input("time", now, { waitedS: (now - this.#standing.since) / 1_000 });
    if (this.#asks.size === 0) return NOTHING;
    const asks = [...this.#asks];
    this.#asks.clear();
    return asks;
  }

  /** By when a canary of a burst has to be there, after it was sent. */
  burstDeadlineMs(now: number): number {
    const { canaryMiss, burst } = this.#parameters.assumed;
    const usual = this.traffic.model(OWN, now).ageAt(canaryMiss);
    return Math.min(burst.deadlineMostMs, Math.max(burst.deadlineLeastMs, usual));
  }

  /** What is not of this provider's mail: posture, other rooms' findings, operators. */
  input(input: Input): void {
    const before = this.#standing.state;
    this.#standing = afterInput(this.#standing, input, this.#parameters.assumed);
    const { state } = this.#standing;
    if (state === before) return;
    if (state === "DOWN") this.receivers.inARow = 0;
    if (state === "PROBING" || before === "EVENTS_DARK") this.traffic.startAfresh();
  }

  #input(kind: Extract<Input, { numbers: Numbers }>["kind"], at: number, numbers: Numbers): void {
    this.input({ kind, at, numbers });
  }

  #judgeSilence(now: number): void {
    const { all, own } = this.traffic;
    const { suspectNats, downNats, assumed } = this.#parameters;
    // Where events are dark, customers' mail is no sample: each doubt about it would be one more burst to err in.
    const heard = this.#standing.state !== "EVENTS_DARK";
    const test = heard && all.nats(now) >= suspectNats ? all : own.nats(now) >= suspectNats ? own : null;
    if (!test) {
      const refuted = this.#standing.state === "SUSPECT" && Math.max(all.nats(now), own.nats(now)) < suspectNats / 2;
      if (refuted) this.#input("silence-refuted", now, {});
      return;
    }
    const silent = test.at(now);
    const ours = silent.groups.some(({ group }) => group === OWN);
    if (!ours && silent.groups.length < assumed.groupsForVerdict) return; // a destination's incident, not this provider's
    const numbers = {
      open: silent.open,
      nats: silent.nats,
      thresholdNats: suspectNats,
      ...(silent.sinceAt === null ? {} : { sinceAt: silent.sinceAt, forS: (now - silent.sinceAt) / 1_000 }),
      groups: silent.groups.map(({ group }) => group).join(" "),
    };
    this.#input("silence", now, numbers);
    if (this.#hasReceivers && !this.receivers.burst) {
      this.receivers.burst = { askedAt: now, arrived: 0, missed: 0 };
      this.#asks.add("canary-burst");
    }
    if (silent.nats >= downNats && this.#noBurstWillAnswer(now))
      this.#input("silence-certain", now, { ...numbers, thresholdNats: downNats });
  }

  /** No receivers, or canaries that could not even be handed off: nothing else will ever convict it. */
  #noBurstWillAnswer(now: number): boolean {
    const { burst } = this.#parameters.assumed;
    const asked = this.receivers.burst;
    return !asked || now - asked.askedAt > 2 * (burst.withinMs + burst.deadlineMostMs);
  }

  #judgeBurst(now: number): void {
    const { burst } = this.receivers;
    if (!burst) return;
    const { burstMisses, assumed } = this.#parameters;
    const { canaries, withinMs, deadlineMostMs } = assumed.burst;
    const numbers = {
      canaries,
      missed: burst.missed,
      arrived: burst.arrived,
      deadlineS: this.burstDeadlineMs(now) / 1_000,
    };
    if (burst.missed >= burstMisses) {
      this.receivers.burst = null;
      const cause = this.#cause();
      if (cause === "local-outage" || cause === "receiver-fault") this.#input("exonerated", now, { ...numbers, cause });
      else if (cause === "lying") this.#judgeLie(now);
      else this.#input("burst-missed", now, numbers);
    } else if (burst.arrived > canaries - burstMisses) {
      this.receivers.burst = null;
      this.#input("burst-arrived", now, numbers);
    } else if (now - burst.askedAt > 4 * (withinMs + deadlineMostMs)) this.receivers.burst = null;
  }

  #judgeEvents(now: number): void {
    const { events } = this.traffic;
    if (events.nats(now) < this.#parameters.downNats) return;
    if (!this.#eventsLookDark(now)) return;
    const { sinceAt, nats } = events.at(now);
    this.#input("events-silent", now, {
      forS: (now - (sinceAt ?? now)) / 1_000,
      nats,
      thresholdNats: this.#parameters.downNats,
    });
  }

  #eventsLookDark(now: number): boolean {
    const { events } = this.traffic;
    if (events.nats(now) < this.#parameters.suspectNats) return false;
    const { sinceAt } = events.at(now);
    return sinceAt !== null && this.receivers.latestArrivedSentAt > sinceAt;
  }

  #eventSeen(at: number): void {
    if (this.#standing.state === "EVENTS_DARK") this.#input("events-back", at, {});
  }

  #judgeLoss(now: number): void {
    const { state } = this.#standing;
    if (state !== "HEALTHY" && state !== "SUSPECT" && state !== "PROBING") return;
    // Events that say nothing at all while canaries arrive are no sample of what is lost: #judgeEvents has the word.
    if (this.#eventsLookDark(now)) return;
    const found = this.traffic.losses.find((loss) => loss.alarmed);
    const numbers = found && { nats: found.nats, thresholdNats: found.thresholdNats, missShare: found.missUnderTest };
    if (numbers) this.#input("partial-loss", now, numbers);
    else if (this.#standing.because.kind === "partial-loss") this.#input("loss-ended", now, {});
  }

  #judgeLie(at: number): void {
    if (this.#cause() === "lying") this.#input("contradiction", at, { claimed: this.#claims });
  }

  #cause(): Cause {
    const says = { events: this.#claims > 0 ? ("delivered" as const) : ("silent" as const), log: this.#logSays };
    const cells = [...this.receivers.cells(), ...this.#others()];
    return judgeCause(this.provider, cells, says, this.#parameters.assumed.localOutageWithinMs).cause;
  }

  #polled(at: number, answer: "clean" | "suspended" | "unauthorised" | "unreachable"): void {
    if (answer === "clean") this.#standing = statusIsClean(this.#standing);
    else if (answer === "suspended") this.#input("account-suspended", at, {});
    else if (answer === "unauthorised") this.#input("key-refused", at, {});
  }
}

const NOTHING: Ask[] = [];
