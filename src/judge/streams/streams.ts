import type { Parameters } from "../parameters.ts";
import type { Input, Standing, State } from "../standing/index.ts";
import { type StreamFacts, StreamJudge, newStream } from "./stream-judge.ts";

/** Streams of one provider that are looked at one by one; beyond that the one that has been quiet longest makes room. */
const STREAMS_MAX = 256;

const NOTHING: string[] = [];
const NONE: { scope: string; from: State; standing: Standing }[] = [];

/** The streams through one provider. A stream that nothing was ever found of stands nowhere. */
export class Streams {
  readonly #all = new Map<string, StreamJudge>();
  /** The latest hand-offs that arrived, of two different streams: for each stream one of them is of another. */
  #through: readonly { scope: string; at: number }[] = [];
  #nextAt = Number.NEGATIVE_INFINITY;

  restore(scope: string, standing: Standing): void {
    this.#all.set(scope, new StreamJudge(scope, standing));
  }

  of(scope: string, at: number, parameters: Parameters): StreamJudge | undefined {
    const known = this.#all.get(scope);
    if (known || scope === "") return known;
    if (this.#all.size >= STREAMS_MAX && !this.#makeRoom()) return undefined;
    const made = newStream(scope, at, parameters);
    this.#all.set(scope, made);
    return made;
  }

  arrived(scope: string, sentAt: number, group: string): void {
    this.#all.get(scope)?.arrived(sentAt, group);
    const [first, second] = this.#through;
    if (first?.scope === scope) {
      if (sentAt > first.at) this.#through = [{ scope, at: sentAt }, ...(second ? [second] : [])];
    } else if (!first || sentAt > first.at) this.#through = [{ scope, at: sentAt }, ...(first ? [first] : [])];
    else if (!second || sentAt > second.at) this.#through = [first, { scope, at: sentAt }];
  }

  standing(scope: string): Standing | null {
    return this.#all.get(scope)?.standing ?? null;
  }

  /** What has become of streams since this was asked last. */
  changes(): readonly { scope: string; from: State; standing: Standing }[] {
    let changes: { scope: string; from: State; standing: Standing }[] = NONE;
    for (const [scope, stream] of this.#all) {
      const change = stream.change();
      if (change) changes = [...changes, { scope, ...change }];
    }
    return changes;
  }

  input(scope: string, input: Input, parameters: Parameters): void {
    this.of(scope, input.at, parameters)?.input(input, { parameters });
  }

  startAfresh(): void {
    for (const stream of this.#all.values()) stream.startAfresh();
  }

  isDown(scope: string): boolean {
    return this.#all.get(scope)?.standing.state === "DOWN";
  }

  /** It is asked about while others come through, or found to be lost: that its canaries are missing says nothing of those. */
  isInDoubt(scope: string): boolean {
    return this.isAsked(scope) || this.isDown(scope);
  }

  /** A burst of it was asked for. */
  isAsked(scope: string): boolean {
    return Boolean(this.#all.get(scope)?.receivers.burst);
  }

  get size(): number {
    return this.#all.size;
  }

  /** @returns the scopes of which a burst is wanted; "": of the whole provider, for nothing shows that it is one stream's fault */
  tick(now: number, facts: StreamFacts): readonly string[] {
    let wanted: string[] = NOTHING;
    for (const [scope, stream] of this.#all) {
      const asks = stream.tick(now, facts, this.#othersThroughAt(scope));
      if (asks !== null) wanted = [...wanted, asks === "stream" ? scope : ""];
    }
    return wanted;
  }

  /**
   * The stream in the greatest doubt, if that is worth a word: the next canary, which is due anyhow, should be its own, and
   * at once. Said once, and again after a while.
   */
  next(now: number, facts: StreamFacts): string | null {
    const { assumed } = facts.parameters;
    // Every other canary is another's: else nobody could tell a stream from its provider.
    if (!facts.hasReceivers || !facts.providerIsWell || now - this.#nextAt < 2 * assumed.canary.everyMs) return null;
    let scope = "";
    let most: number = assumed.nextCanaryNats;
    for (const [name, { doubtNats }] of this.#all)
      if (doubtNats > most) {
        most = doubtNats;
        scope = name;
      }
    if (scope === "") return null;
    this.#nextAt = now;
    return scope;
  }

  #othersThroughAt(scope: string): number {
    const [first, second] = this.#through;
    return (first?.scope === scope ? second?.at : first?.at) ?? Number.NEGATIVE_INFINITY;
  }

  #makeRoom(): boolean {
    let quietest: { scope: string; at: number } | null = null;
    for (const [scope, { standing, latestAt }] of this.#all)
      if (standing.state === "HEALTHY" && (!quietest || latestAt < quietest.at)) quietest = { scope, at: latestAt };
    return quietest !== null && this.#all.delete(quietest.scope);
  }
}
