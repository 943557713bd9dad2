import { AgeSurvival } from "../detectors/age-survival.ts";
import { Silence } from "../detectors/silence.ts";
import { OwnReceivers } from "../own-receivers.ts";
import { OWN } from "../own.ts";
import type { Parameters } from "../parameters.ts";
import {
  type Input,
  type Numbers,
  type Standing,
  type State,
  afterInput,
  healthy,
  isWithdrawn,
} from "../standing/index.ts";

/** What its provider knows at this instant. */
export type StreamFacts = {
  parameters: Parameters;
  hasReceivers: boolean;
  /** Its provider as a whole is neither doubted nor withdrawn: else that verdict counts, and this one would only follow it. */
  providerIsWell: boolean;
  /** Customers' mail tells of loss: events are not dark, and do not stand still. */
  mailTells: boolean;
  /** A receiver of ours that all streams' canaries miss. */
  isDoubted: (receiver: string) => boolean;
  /** So many times as much silence is needed: more than 1 while a part of all its mail is known to be lost. */
  timesNats: number;
  /** Streams that are judged beside each other. */
  streams: number;
};

/**
 * Other streams' mail must have come through that was handed off no earlier than this before the burst. Waiting for some
 * of after it cost half a minute where little is sent; if all has stopped meanwhile, the provider's own verdict follows.
 */
const OTHERS_WITHIN_MS = 15_000;

export type StreamAsk = "stream" | "provider" | null;

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
  #told: Standing;
  #all = new AgeSurvival(0, CAPACITY);
  /** Canaries alone, refuted by canaries alone: what a provider says of customers' mail may be a lie. */
  #own: Silence | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Of the last burst nothing was ever heard: nobody sends canaries of this stream. */
  #isUnanswered = false;
  /** Something of it was confirmed once: that nothing is says something. */
  #tells = false;
  latestAt = 0;
  /** Λ at the last look. */
  doubtNats = 0;

  constructor(scope: string, standing: Standing) {
    this.receivers = new OwnReceivers(scope);
    this.#standing = standing;
    this.#told = standing;
  }

  /** What has become of it since this was asked last; null: nothing. */
  change(): { from: State; standing: Standing } | null {
    if (this.#told === this.#standing) return null;
    const from = this.#told.state;
    this.#told = this.#standing;
    return { from, standing: this.#standing };
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
    if (state === "DOWN") {
      this.receivers.inARow = 0;
      this.receivers.burst = null;
    }
    if (state === "PROBING") this.startAfresh();
  }

  /** @returns of what a burst of canaries is wanted */
  tick(now: number, facts: StreamFacts, othersThroughAt: number): StreamAsk {
    const isJudged = facts.providerIsWell && !isWithdrawn(this.#standing.state);
    this.doubtNats = 0;
    if (this.#standing.state === "HEALTHY" && !this.receivers.burst && !this.#all.hasOpen && !this.#own?.open)
      return null;
    const asks = isJudged ? this.#judgeSilence(now, facts, othersThroughAt) : null;
    const asksAgain = this.receivers.burst !== null && this.#judgeBurst(now, facts, othersThroughAt);
    if (this.#standing.state !== "HEALTHY") this.#judgeTime(now, facts);
    return asksAgain ? "stream" : asks;
  }

  #judgeTime(now: number, facts: StreamFacts): void {
    const { state, since } = this.#standing;
    const { canariesInARow } = facts.parameters.assumed.probing;
    if (state === "DOWN" && this.receivers.inARow >= canariesInARow)
      this.#input("canaries-in-a-row", now, { canaries: this.receivers.inARow }, facts);
    if (state === "DOWN" && !facts.hasReceivers) this.#input("untested", now, {}, facts);
    if (state === "SUSPECT" || state === "PROBING") this.#input("time", now, { waitedS: (now - since) / 1_000 }, facts);
  }

  #judgeSilence(now: number, facts: StreamFacts, othersThroughAt: number): StreamAsk {
    const { assumed } = facts.parameters;
    const suspectNats = facts.parameters.suspectNats * facts.timesNats;
    const downNats = facts.parameters.downNats * facts.timesNats;
    const inquiryNats = facts.parameters.inquiryNats.stream * facts.timesNats;
    const ownNats = this.#own && this.#own.open > 0 ? this.#own.nats(now) : 0;
    const allNats = facts.mailTells ? this.#all.nats(now) : 0;
    const nats = Math.max(allNats, ownNats);
    this.doubtNats = nats;
    if (nats < Math.min(inquiryNats, suspectNats / 2)) {
      if (this.#standing.state === "SUSPECT") this.#input("silence-refuted", now, {}, facts);
      return null;
    }
    const { open, sinceAt, groups } =
      allNats >= ownNats ? this.#all.at(now) : { open: this.#own!.open, sinceAt: this.#own!.sinceAt, groups: [] };
    const speaking = groups.filter((one) => one.nats >= assumed.contributionNats);
    const ours = ownNats >= assumed.contributionNats;
    if (!ours && (speaking.length < assumed.groupsForVerdict || !this.#tells)) return null;
    const numbers = {
      open,
      nats,
      thresholdNats: suspectNats,
      ...(sinceAt === null ? {} : { sinceAt, forS: (now - sinceAt) / 1_000 }),
    };
    if (nats >= suspectNats) this.#input("silence", now, numbers, facts);
    const certain = downNats + Math.log(Math.max(1, facts.streams));
    if (allNats >= certain && othersThroughAt > (sinceAt ?? now) && (!facts.hasReceivers || this.#isUnanswered))
      this.#input("silence-certain", now, { ...numbers, thresholdNats: certain }, facts);
    if (!facts.hasReceivers || nats < inquiryNats || this.receivers.burst || now - this.#askedAt < ASK_AGAIN_MS)
      return null;
    // Others are as silent: the next look asks again, if the provider was found to be well.
    if (!(othersThroughAt > (sinceAt ?? now))) return "provider";
    this.#askedAt = now;
    this.receivers.ask(now);
    return "stream";
  }

  /** @returns whether another burst is wanted */
  #judgeBurst(now: number, facts: StreamFacts, othersThroughAt: number): boolean {
    const { burst } = this.receivers;
    if (!burst) return false;
    const { inquiryMisses, assumed } = facts.parameters;
    const { canaries } = assumed.burst;
    const numbers = { canaries, missed: burst.missed, arrived: burst.arrived };
    const says = this.receivers.burstSays(inquiryMisses, canaries, ({ receiver }) => facts.isDoubted(receiver));
    const isAlone = facts.providerIsWell && othersThroughAt >= burst.askedAt - OTHERS_WITHIN_MS;
    if (now - burst.askedAt <= givenUpMs(facts.parameters) && (says === null || (says === "missed" && !isAlone)))
      return false;
    if (says === "unsure") {
      this.receivers.askAgain(now, burst);
      return true;
    }
    this.receivers.burst = null;
    this.#isUnanswered = burst.arrived + burst.missed === 0;
    if (says === "arrived") this.#input("burst-arrived", now, numbers, facts);
    else if (says === "receiver-fault") this.#input("exonerated", now, { ...numbers, cause: says }, facts);
    else if (says === "missed" && isAlone) {
      const sinceAt = this.#own?.sinceAt ?? null;
      this.#input("burst-missed", now, sinceAt === null ? numbers : { ...numbers, sinceAt }, facts);
    }
    return false;
  }

  #input(kind: Extract<Input, { numbers: Numbers }>["kind"], at: number, numbers: Numbers, facts: StreamFacts): void {
    this.input({ kind, at, numbers }, facts);
  }
}

const givenUpMs = ({ assumed: { burst } }: Parameters): number => 2 * (burst.withinMs + burst.deadlineMostMs);

export const newStream = (scope: string, at: number, parameters: Parameters): StreamJudge =>
  new StreamJudge(scope, healthy(at, parameters.assumed.dwell.firstMs));
