import { AgeSurvival } from "../detectors/age-survival.ts";
import { Silence } from "../detectors/silence.ts";
import { OwnReceivers } from "../own-receivers.ts";
import { OWN } from "../own.ts";
import type { Parameters } from "../parameters.ts";
import { type Input, type Numbers, type Standing, afterInput, healthy } from "../standing/index.ts";

/** What its provider knows at this instant. */
export type StreamFacts = {
  parameters: Parameters;
  hasReceivers: boolean;
  /** Its provider as a whole is neither doubted nor withdrawn: else that verdict counts, and this one would only follow it. */
  providerIsWell: boolean;
  /** Customers' mail tells of loss: events are not dark, and do not stand still. */
  mailTells: boolean;
  /** Streams that are judged beside each other. */
  streams: number;
};

/** A burst that nothing is heard of is asked for again after this. */
const ASK_AGAIN_MS = 60_000;
/** Λ is beyond any threshold long before. */
const CAPACITY = 64;

/**
 * One stream through one provider: a filter that swallows password resets and lets all else through. The same machine and
 * the same tests as of a provider, refuted only by arrivals of this stream. It is asked about sooner (a burst costs five
 * canaries, a doubt nothing) and convicted more strictly: every canary of the burst is missing while other streams' mail
 * of since then arrives.
 */
export class StreamJudge {
  readonly receivers: OwnReceivers;
  #standing: Standing;
  #all = new AgeSurvival(0, CAPACITY);
  /** Canaries alone, refuted by canaries alone: what a provider says of customers' mail may be a lie. */
  #own: Silence | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Something of it was confirmed once: that nothing is says something. */
  #tells = false;
  latestAt = 0;

  constructor(scope: string, standing: Standing) {
    this.receivers = new OwnReceivers(scope);
    this.#standing = standing;
  }

  get standing(): Standing {
    return this.#standing;
  }

  handedOff(at: number, group: string, curve: Float64Array): void {
    this.latestAt = at;
    this.#all.handedOff(at, group, curve);
    if (group !== OWN) return;
    this.#own ??= new Silence(curve, CAPACITY);
    this.#own.handedOff(at, curve);
  }

  arrived(sentAt: number, group: string): void {
    this.#all.arrived(sentAt);
    if (group === OWN) this.#own?.refuted(sentAt);
    else this.#tells = true;
  }

  startAfresh(): void {
    this.#all = new AgeSurvival(0, CAPACITY);
    this.#own = null;
    this.receivers.burst = null;
  }

  input(input: Input, facts: Pick<StreamFacts, "parameters">): void {
    const before = this.#standing.state;
    this.#standing = afterInput(this.#standing, input, facts.parameters.assumed);
    const { state } = this.#standing;
    if (state === before) return;
    if (state === "DOWN") this.receivers.inARow = 0;
    if (state === "PROBING") this.startAfresh();
  }

  /** @returns whether a burst of its canaries is wanted */
  tick(now: number, facts: StreamFacts, othersThroughAt: number): boolean {
    const asks = facts.providerIsWell && this.#judgeSilence(now, facts, othersThroughAt);
    if (this.receivers.burst) this.#judgeBurst(now, facts, othersThroughAt);
    if (this.#standing.state !== "HEALTHY") this.#judgeTime(now, facts);
    return asks;
  }

  #judgeTime(now: number, facts: StreamFacts): void {
    const { state, since } = this.#standing;
    const { canariesInARow } = facts.parameters.assumed.probing;
    if (state === "DOWN" && this.receivers.inARow >= canariesInARow)
      this.#input("canaries-in-a-row", now, { canaries: this.receivers.inARow }, facts);
    if (state === "DOWN" && !facts.hasReceivers) this.#input("untested", now, {}, facts);
    if (state === "SUSPECT" || state === "PROBING") this.#input("time", now, { waitedS: (now - since) / 1_000 }, facts);
  }

  #judgeSilence(now: number, facts: StreamFacts, othersThroughAt: number): boolean {
    const { suspectNats, downNats, inquiryNats, assumed } = facts.parameters;
    const ownNats = this.#own && this.#own.open > 0 ? this.#own.nats(now) : 0;
    const allNats = facts.mailTells ? this.#all.nats(now) : 0;
    const nats = Math.max(allNats, ownNats);
    if (nats < Math.min(inquiryNats, suspectNats / 2)) {
      if (this.#standing.state === "SUSPECT") this.#input("silence-refuted", now, {}, facts);
      return false;
    }
    const { open, sinceAt, groups } =
      allNats >= ownNats ? this.#all.at(now) : { open: this.#own!.open, sinceAt: this.#own!.sinceAt, groups: [] };
    const speaking = groups.filter((one) => one.nats >= assumed.contributionNats);
    const ours = ownNats >= assumed.contributionNats;
    if (!ours && (speaking.length < assumed.groupsForVerdict || !this.#tells)) return false;
    const numbers = {
      open,
      nats,
      thresholdNats: suspectNats,
      ...(sinceAt === null ? {} : { sinceAt, forS: (now - sinceAt) / 1_000 }),
    };
    if (nats >= suspectNats) this.#input("silence", now, numbers, facts);
    const certain = downNats + Math.log(Math.max(1, facts.streams));
    if (allNats >= certain && othersThroughAt > (sinceAt ?? now) && this.#noBurstWillAnswer(now, facts))
      this.#input("silence-certain", now, { ...numbers, thresholdNats: certain }, facts);
    if (!facts.hasReceivers || nats < inquiryNats || this.receivers.burst || now - this.#askedAt < ASK_AGAIN_MS)
      return false;
    this.#askedAt = now;
    this.receivers.burst = { askedAt: now, arrived: 0, missed: 0 };
    return true;
  }

  #noBurstWillAnswer(now: number, { hasReceivers, parameters }: StreamFacts): boolean {
    return !hasReceivers || now - this.#askedAt > givenUpMs(parameters);
  }

  #judgeBurst(now: number, facts: StreamFacts, othersThroughAt: number): void {
    const { burst } = this.receivers;
    if (!burst) return;
    const { burstMissesOfStream, assumed } = facts.parameters;
    const numbers = { canaries: assumed.burst.canaries, missed: burst.missed, arrived: burst.arrived };
    if (burst.arrived > assumed.burst.canaries - burstMissesOfStream) {
      this.receivers.burst = null;
      this.#input("burst-arrived", now, numbers, facts);
    } else if (burst.missed >= burstMissesOfStream && facts.providerIsWell && othersThroughAt >= burst.askedAt) {
      this.receivers.burst = null;
      const sinceAt = this.#own?.sinceAt ?? null;
      this.#input("burst-missed", now, sinceAt === null ? numbers : { ...numbers, sinceAt }, facts);
    } else if (now - burst.askedAt > givenUpMs(facts.parameters)) this.receivers.burst = null;
  }

  #input(kind: Extract<Input, { numbers: Numbers }>["kind"], at: number, numbers: Numbers, facts: StreamFacts): void {
    this.input({ kind, at, numbers }, facts);
  }
}

const givenUpMs = ({ assumed: { burst } }: Parameters): number => 2 * (burst.withinMs + burst.deadlineMostMs);

export const newStream = (scope: string, at: number, parameters: Parameters): StreamJudge =>
  new StreamJudge(scope, healthy(at, parameters.assumed.dwell.firstMs));
