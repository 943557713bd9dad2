import type { StatusAnswer } from "./account.ts";
import { MINUTE_MS } from "../kernel/index.ts";
import { Claims } from "./claims.ts";
import { type Cause, type Cell, judgeCause } from "./detectors/matrix.ts";
import type { Evidence } from "./evidence.ts";
import { OwnReceivers } from "./own-receivers.ts";
import { OWN, isOwn } from "./own.ts";
import type { Parameters } from "./parameters.ts";
import {
  type Input,
  type Numbers,
  type Standing,
  afterInput,
  healthy,
  isWithdrawn,
  statusIsClean,
} from "./standing/index.ts";
import { Streams } from "./streams/index.ts";
import { Traffic } from "./traffic.ts";
import { WayBack } from "./way-back.ts";

/**
 * Folds one provider's evidence into its standing, and into those of the streams through it.
 * 1. `see` each piece of evidence as it comes; refusals are judged at once.
 * 2. `tick` once a second: silence, loss, lies, bursts and time are judged there. It returns what must be done to find out.
 * Stage one is silence (a burst is asked for, and from Λ ≥ h₁ it is SUSPECT), stage two the burst (→ DOWN or HEALTHY). Without
 * receivers of our own there is no stage two, and silence alone has to reach h₂.
 * Invariant: no verdict on a provider rests on one group of receivers alone, unless that is ours.
 */
export type Ask = "canary-burst" | "canary-next" | "status-call" | "log-call";
export type ScopedAsk = { ask: Ask; scope: string };

/**
 * What canaries through other providers say, of those handed off since an instant. through: one arrived · silent: some are
 * missing and none arrived · waiting: none has ended · none: there is nobody to compare with.
 */
export type Control = "through" | "silent" | "waiting" | "none";

/** takes: one of them arrived there · doubted: they are missing there and arrive elsewhere · unknown: neither. */
export type ReceiverSays = "takes" | "doubted" | "unknown";

export type JudgeOptions = {
  provider: string;
  parameters: Parameters;
  hasReceivers: boolean;
  at: number;
  /** Found before a restart; latencies are restored through `traffic`, and what was open is seen again. */
  standing?: Standing;
  /** What canaries found through the other providers, to tell a fault of ours or of a receiver. */
  others?: () => readonly Cell[];
  control?: (since: number) => Control;
  /** What canaries of other providers say of one receiver of ours, of those handed off since an instant. */
  receiverSays?: (receiver: string, since: number) => ReceiverSays;
};

const NOTHING: readonly ScopedAsk[] = [];
/** Before the first claim that is known to be false, where no canary of before it is known. */
const LOOKED_BACK_MS = MINUTE_MS;
/** Of these nothing is asked: canaries in a row have the word, or people. */

export class ProviderJudge {
  readonly provider: string;
  readonly traffic: Traffic;
  readonly receivers: OwnReceivers;
  readonly streams = new Streams();
  readonly hasReceivers: boolean;
  #standing: Standing;
  #parameters: Parameters;
  readonly #others: () => readonly Cell[];
  readonly #control: (since: number) => Control;
  readonly #claims: Claims;
  readonly #wayBack: WayBack;
  readonly #receiverSays: NonNullable<JudgeOptions["receiverSays"]>;
  readonly #isDoubted = (receiver: string): boolean => {
    const says = this.#receiverSays(receiver, this.receivers.missedSince(receiver));
    return says === "doubted" || (says === "unknown" && this.receivers.isDoubted(receiver));
  };
  #asks = new Set<Ask>();
  /** Where events are dark or stand still, customers' mail is no sample: each doubt about it would be one more burst to err in. */
  #mailTells = true;

  constructor(options: JudgeOptions) {
    const { assumed } = options.parameters;
    this.provider = options.provider;
    this.#parameters = options.parameters;
    this.hasReceivers = options.hasReceivers;
    this.#others = options.others ?? (() => []);
    this.#control = options.control ?? (() => "none");
    this.#receiverSays = options.receiverSays ?? (() => "unknown");
    this.traffic = new Traffic(options.parameters);
    this.receivers = new OwnReceivers(options.provider);
    this.#claims = new Claims(assumed.claims);
    this.#wayBack = new WayBack(assumed);
    this.#standing = options.standing ?? healthy(options.at, assumed.dwell.firstMs);
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** What speaks for silence, as a share of what makes it suspected. */
  silence(now: number): number {
    return this.traffic.silence(now, this.#mailTells).nats / (this.#parameters.suspectNats * this.#timesNats);
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
        this.traffic.handedOff(at, evidence.group);
        return this.#stream(evidence.stream, at, evidence.group);
      case "confirmed":
        this.traffic.confirmed(at, evidence.handedOffAt, evidence.group, evidence.by, learn);
        this.streams.arrived(evidence.stream, evidence.handedOffAt, evidence.group);
        if (evidence.by === "event") this.#eventSeen(at);
        return;
      case "canary-sent":
        this.#stream(evidence.stream, at, OWN);
        // A burst of one stream's would weigh as five of all, and a stream that is down already says nothing of the others.
        if ((evidence.burst && this.streams.isAsked(evidence.stream)) || this.streams.isDown(evidence.stream)) return;
        return this.traffic.canarySent(at, evidence.stream);
      case "canary-arrived":
        this.traffic.canaryArrived(at, evidence.sentAt, learn);
        this.streams.arrived(evidence.stream, evidence.sentAt, OWN);
        this.streams.of(evidence.stream, at, this.#parameters)?.receivers.arrived(evidence);
        this.receivers.arrived(evidence);
        this.#claims.arrived(evidence.sentAt);
        return this.#wayBack.canaryEnded(evidence.sentAt, false, this.#standing);
      case "canary-missed":
        this.streams.of(evidence.stream, at, this.#parameters)?.receivers.missed(evidence, at);
        this.receivers.missed(evidence, at);
        return this.#wayBack.canaryEnded(evidence.sentAt, true, this.#standing);
      // Nothing was taken and nothing is missing, but no row of canaries goes on. Whose network it was is found among all.
      case "unreachable":
        return this.receivers.breaksOff();
      case "webhook-seen":
        return evidence.ofMissingCanary ? this.#claimed(at) : this.#eventSeen(at);
      case "log-answer":
        return this.#claims.logSays(evidence.says);
      case "refused-for-account":
        this.#asks.add("status-call");
        return this.input({ kind: "account-refused", at, numbers: { cause: evidence.cause } });
      case "status-poll":
        return this.#polled(at, evidence.answer);
      case "posture":
        return this.#wayBack.postured(evidence.answer);
      default:
        throw new Error(`no such evidence: ${evidence satisfies never}`);
    }
  }

  /** @returns what to do now, of the whole provider ("") or of one stream; each is asked for once until it was answered */
  tick(now: number): readonly ScopedAsk[] {
    this.traffic.settle(now);
    this.#mailTells = this.#standing.state !== "EVENTS_DARK" && !this.#eventsLookDark(now);
    this.#judgeSilence(now);
    this.#judgeLie(now);
    this.#judgeBurst(now);
    this.#judgeEvents(now);
    this.#judgeLoss(now);
    this.#judgeTime(now);
    const { state, because } = this.#standing;
    const facts = {
      parameters: this.#parameters,
      hasReceivers: this.hasReceivers,
      providerIsWell:
        state === "HEALTHY" || state === "EVENTS_DARK" || (state === "SUSPECT" && because.kind === "partial-loss"),
      mailTells: this.#mailTells,
      streams: this.streams.size,
      timesNats: this.#timesNats,
      isDoubted: this.#isDoubted,
    };
    const bursts = this.streams.tick(now, facts);
    if (bursts.includes("")) this.#askBurst(now);
    const next = this.streams.next(now, facts);
    if (this.#asks.size + bursts.length === 0 && next === null) return NOTHING;
    const asks = [...this.#asks].map((ask): ScopedAsk => ({ ask, scope: "" }));
    this.#asks.clear();
    for (const scope of bursts) if (scope !== "") asks.push({ ask: "canary-burst", scope });
    if (next !== null) asks.push({ ask: "canary-next", scope: next });
    return asks;
  }

  /** By when a canary of a burst has to be there, after it was sent. */
  burstDeadlineMs(now: number): number {
    const { canaryMiss, burst } = this.#parameters.assumed;
    const usual = this.traffic.model(OWN, now).ageAt(canaryMiss);
    return Math.min(burst.deadlineMostMs, Math.max(burst.deadlineLeastMs, usual));
  }

  /** What is not of this provider's mail: posture, other rooms' findings, operators. */
  input(input: Input, scope = ""): void {
    if (scope !== "") return this.streams.input(scope, input, this.#parameters);
    const before = this.#standing.state;
    this.#standing = afterInput(this.#standing, input, this.#parameters.assumed);
    const { state } = this.#standing;
    if (state === before) return;
    if (state === "DOWN") this.receivers.breaksOff();
    if (isWithdrawn(state)) this.receivers.burst = null;
    if (state === "PROBING" || before === "EVENTS_DARK") this.#startAfresh();
  }

  /** Our own network is at fault since then: what was found meanwhile is taken back. */
  exonerate(now: number, sinceAt: number): void {
    const { state, since } = this.#standing;
    const found = state === "SUSPECT" || (state === "DOWN" && since >= sinceAt);
    if (found) this.#input("exonerated", now, { cause: "local-outage", sinceAt });
    this.receivers.burst = null;
    this.#claims.clear();
    this.#startAfresh();
  }

  #startAfresh(): void {
    this.traffic.startAfresh();
    this.streams.startAfresh();
  }

  #stream(scope: string, at: number, group: string): void {
    this.streams.of(scope, at, this.#parameters)?.handedOff(at, group, this.traffic.model(group, at).curve());
  }

  #input(kind: Extract<Input, { numbers: Numbers }>["kind"], at: number, numbers: Numbers): void {
    this.input({ kind, at, numbers });
  }

  #judgeSilence(now: number): void {
    const { test, nats } = this.traffic.silence(now, this.#mailTells);
    const timesNats = this.#timesNats;
    const [suspectNats, downNats] = [this.#parameters.suspectNats * timesNats, this.#parameters.downNats * timesNats];
    if (nats < suspectNats / 2 && this.#standing.state === "SUSPECT") this.#input("silence-refuted", now, {});
    if (nats < Math.min(this.#parameters.inquiryNats.whole * timesNats, suspectNats)) return;
    const silent = test.at(now);
    if (!this.#isOfAll(silent.groups)) return;
    this.#askBurst(now, nats >= suspectNats);
    if (nats < suspectNats) return;
    const numbers = {
      open: silent.open,
      nats: silent.nats,
      thresholdNats: suspectNats,
      ...(silent.sinceAt === null ? {} : { sinceAt: silent.sinceAt, forS: (now - silent.sinceAt) / 1_000 }),
      groups: silent.groups.map(({ group }) => group).join(" "),
    };
    this.#input("silence", now, numbers);
    if (silent.nats >= downNats && this.#noBurstWillAnswer(now))
      this.#input("silence-certain", now, { ...numbers, thresholdNats: downNats });
  }

  /**
   * While a part is known to be lost, with probability q, a message that is missing weighs −ln q and not −ln ε: so many times
   * as much silence is as improbable. Else each short run of lost messages would be one more burst to convict it in. A loss of
   * all looks like one of a part at first; of that one nothing arrives that was handed off when it was found.
   */
  get #timesNats(): number {
    const { state, because, since } = this.#standing;
    const { missShare } = because.numbers;
    if (state !== "SUSPECT" || because.kind !== "partial-loss" || typeof missShare !== "number") return 1;
    const { neverConfirmed, loss } = this.#parameters.assumed;
    if (this.traffic.throughAt < since - loss.deadlineMs) return 1;
    return Math.log(neverConfirmed) / Math.log(missShare);
  }

  /** One group of receivers that takes nothing is a destination's incident, and one stream that is lost is that stream's. */
  #isOfAll(groups: readonly { group: string }[]): boolean {
    const ours = groups.filter(({ group }) => isOwn(group)).length;
    const { groupsForVerdict } = this.#parameters.assumed;
    if (ours === 0) return groups.length >= groupsForVerdict;
    return groups.length >= Math.min(2, this.receivers.streams);
  }

  /** @param isOfSuspicion its own canaries, once they are late, make a suspicion of any doubt: what counts is what was before them */
  #askBurst(now: number, isOfSuspicion = false): void {
    if (!this.hasReceivers || this.receivers.burst || isWithdrawn(this.#standing.state)) return;
    this.receivers.ask(now, isOfSuspicion);
    this.#asks.add("canary-burst");
  }

  /** No receivers, or canaries that could not even be handed off: nothing else will ever convict it. */
  #noBurstWillAnswer(now: number): boolean {
    const asked = this.receivers.burst;
    return !asked || now - asked.askedAt > this.#patienceMs;
  }

  /** For what a burst says: twice as long as it takes. */
  get #patienceMs(): number {
    const { burst } = this.#parameters.assumed;
    return 2 * (burst.withinMs + burst.deadlineMostMs);
  }

  #judgeBurst(now: number): void {
    const { burst } = this.receivers;
    if (!burst) return;
    const { burstMisses, inquiryMisses, assumed } = this.#parameters;
    const { canaries } = assumed.burst;
    const { missed, arrived, askedAt } = burst;
    const needed = this.#timesNats > 1 ? canaries : burst.isOfSuspicion ? burstMisses : inquiryMisses;
    const says = this.receivers.burstSays(
      needed,
      canaries,
      ({ receiver, stream }) => this.#isDoubted(receiver) || this.streams.isInDoubt(stream),
    );
    if (says === null) {
      if (now - askedAt > 2 * this.#patienceMs) this.receivers.burst = null;
      return;
    }
    if (says === "unsure") {
      this.receivers.askAgain(now, burst);
      this.#asks.add("canary-burst");
      return;
    }
    // Canaries of other providers were asked for meanwhile: they end with this burst, or a little later.
    const control = this.#control(burst.firstAskedAt);
    if (says === "missed" && control === "waiting" && now - askedAt <= this.#patienceMs) return;
    this.receivers.burst = null;
    const numbers = { canaries, missed, arrived, deadlineS: this.burstDeadlineMs(now) / 1_000 };
    if (says === "arrived") return this.#input("burst-arrived", now, numbers);
    const cause = says === "receiver-fault" ? says : control === "silent" ? "local-outage" : this.#cause();
    if (cause === "local-outage" || cause === "receiver-fault") this.#input("exonerated", now, { ...numbers, cause });
    else this.#input("burst-missed", now, numbers);
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

  /** Silent, though a canary that was handed off later has arrived. */
  #eventsLookDark(now: number): boolean {
    const { events } = this.traffic;
    if (events.nats(now) < this.#parameters.suspectNats) return false;
    const { sinceAt } = events;
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

  #claimed(at: number): void {
    if (!this.#claims.made(at)) return;
    this.#asks.add("log-call");
    this.#askBurst(at);
  }

  /** Where no other provider's canaries reach our receivers, they may be what fails: then its canaries only withdraw it. */
  #judgeLie(now: number): void {
    const { sinceAt, count, log } = this.#claims;
    if (sinceAt === null || this.#claims.found(now) !== "lying" || this.#control(sinceAt) !== "through") return;
    // What it said of anything that was handed off later than the last canary that arrived is worth nothing.
    const trustedAt = this.receivers.latestArrivedSentAt;
    const believedUntil = Number.isFinite(trustedAt) ? trustedAt : sinceAt - LOOKED_BACK_MS;
    this.#input("contradiction", now, { claimed: count, log: log ?? "not-asked", sinceAt: believedUntil });
    this.receivers.burst = null;
    this.#claims.clear();
  }

  #cause(): Cause {
    const { count, log } = this.#claims;
    const says = { events: count > 0 ? ("delivered" as const) : ("silent" as const), log };
    const cells = [...this.receivers.cells(), ...this.#others()];
    return judgeCause(this.provider, cells, says, this.#parameters.assumed.localOutageWithinMs).cause;
  }

  #judgeTime(now: number): void {
    const next = this.#wayBack.next(now, this.#standing, this.hasReceivers ? this.receivers.inARow : null);
    if (next === "ask-status") this.#asks.add("status-call");
    else if (next !== null) this.input(next);
  }

  #polled(at: number, answer: StatusAnswer): void {
    this.#wayBack.polled(at, answer);
    if (answer === "clean") this.#standing = statusIsClean(this.#standing);
    else if (answer === "suspended") this.#input("account-suspended", at, {});
    else if (answer === "unauthorised") this.#input("key-refused", at, {});
  }
}
