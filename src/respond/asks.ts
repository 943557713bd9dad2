import { type Clock, type Log, MINUTE_MS, SECOND_MS, causeText } from "../kernel/index.ts";
import type { Ask, Evidence, LogSays } from "../judge/index.ts";
import type { Provider } from "../providers/index.ts";
import type { Seen } from "./evidence/open-messages.ts";
import { saysDelivered } from "./log-words.ts";
import type { CanariesPort } from "./ports.ts";

type Poll = Extract<Evidence, { kind: "status-poll" }>["answer"];

const POLL_EVERY_MS = MINUTE_MS;
/** A verdict on a refused account waits for its status page for so long (judge's refusalDeadlineMs). */
const ANSWER_WITHIN_MS = 5 * SECOND_MS;
/** Words of adapters for a key that is refused. */
const REFUSED = /\b40[13]\b|invalid[_ -]?(?:api[_ -]?)?key|unauthori[sz]ed|auth-refused/i;

/** Its recipient as well: some logs can be asked by recipient only, and hold more than one reads. */
export type Missing = { attemptId: string; sentAt: number; recipient: string };

export type AskParts = {
  providers: ReadonlyMap<string, Provider>;
  canaries: () => CanariesPort | undefined;
  /** By when a canary of a burst has to be there. */
  burstDeadlineMs: (provider: string, now: number) => number;
  /** The latest canary of it that is missing, as its own try; null: there is none. */
  missing: (provider: string) => Promise<Missing | null>;
  /** Why the account was refused at its last hand-off; null: it was not. */
  refusedFor: (provider: string) => string | null;
  clock: Clock;
  log: Log;
};

/**
 * Asks providers what a judge wants to know, never more than one question of a kind at a time, and each minute how the
 * account stands. Answers come when they come: the loop takes them with its next look.
 */
export class Asks {
  readonly #parts: AskParts;
  readonly #running = new Map<string, Promise<void>>();
  readonly #polledAt = new Map<string, number>();
  #heard: Seen[] = [];

  constructor(parts: AskParts) {
    this.#parts = parts;
  }

  /** What was answered since the last call. */
  take(): Seen[] {
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  ask(provider: string, ask: Ask, scope: string): void {
    switch (ask) {
      case "canary-burst":
        return this.#once(`burst ${provider} ${scope}`, () => this.#burst(provider, scope));
      case "canary-next":
        return this.#once(`next ${provider} ${scope}`, async () => {
          await this.#parts.canaries()?.next(provider, scope);
        });
      case "status-call":
        return this.#status(provider);
      case "log-call":
        return this.#once(`log ${provider}`, () => this.#log(provider));
      default:
        throw new Error(`no such ask: ${ask satisfies never}`);
    }
  }

  /** Those whose minute is over. */
  poll(now: number): void {
    for (const [index, name] of [...this.#parts.providers.keys()].entries()) {
      const last = this.#polledAt.get(name);
      // Spread over the minute, so that not all are asked at once for ever.
      if (last === undefined) this.#polledAt.set(name, now - POLL_EVERY_MS + index * SECOND_MS);
      else if (now - last >= POLL_EVERY_MS) this.#status(name);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #burst(provider: string, scope: string): Promise<void> {
    const { canaries, burstDeadlineMs, clock } = this.#parts;
    await canaries()?.burst(provider, scope, { deadlineMs: burstDeadlineMs(provider, clock.now()) });
  }

  #status(name: string): void {
    const provider = this.#parts.providers.get(name);
    if (!provider?.status) return;
    this.#polledAt.set(name, this.#parts.clock.now());
    this.#once(`status ${name}`, async () => {
      const answer = await this.#within(this.#statusOf(provider), "unreachable");
      this.#heard.push({
        provider: name,
        evidence: { kind: "status-poll", at: this.#parts.clock.now(), answer },
      });
    });
  }

  async #statusOf(provider: Provider): Promise<Poll> {
    const asked = await provider.status!();
    const refusedFor = this.#parts.refusedFor(provider.name);
    // The key that may only read can be refused alone; both refused means that somebody took the account's keys away.
    if (asked.kind === "unavailable")
      return REFUSED.test(asked.reason) && refusedFor === "auth-refused" ? "unauthorised" : "unreachable";
    const { state } = asked.value;
    if (state === "active") return "clean";
    // Some have no word for it: mail that piles up right after "suspended" was the answer says the same.
    const isSuspended = state === "suspended" || (state === "limited" && refusedFor === "account-suspended");
    // Limited, or in words nobody knows: it neither clears the account nor convicts it.
    return isSuspended ? "suspended" : "unreachable";
  }

  async #log(name: string): Promise<void> {
    const { providers, missing, clock } = this.#parts;
    const provider = providers.get(name);
    const one = await missing(name);
    if (!provider?.activity || !one) return;
    const says = await this.#within(logSays(provider, one), "error" as const);
    this.#heard.push({ provider: name, evidence: { kind: "log-answer", at: clock.now(), says } });
  }

  #once(key: string, work: () => Promise<void>): void {
    if (this.#running.has(key)) return;
    const running = work()
      .catch((error: unknown) => this.#parts.log.warn("respond.ask-failed", { ask: key, cause: causeText(error) }))
      .finally(() => this.#running.delete(key));
    this.#running.set(key, running);
  }

  async #within<Value>(work: Promise<Value>, otherwise: Value): Promise<Value> {
    const { promise, resolve } = Promise.withResolvers<Value>();
    const timer = this.#parts.clock.after(ANSWER_WITHIN_MS, () => resolve(otherwise));
    work.then(resolve, () => resolve(otherwise));
    return promise.finally(() => timer.cancel());
  }
}

const QUEUED = /queue|process|accept|sent|sending|pending|scheduled/i;

async function logSays(provider: Provider, { attemptId, sentAt, recipient }: Missing): Promise<LogSays> {
  const asked = await provider.activity!({ sinceMs: sentAt - MINUTE_MS, attemptId, recipient, limit: 10 });
  if (asked.kind === "unavailable") return "error";
  if (asked.value.some(({ state }) => saysDelivered(provider.kind, state))) return "delivered";
  return asked.value.some(({ state }) => QUEUED.test(state)) ? "queued" : "none";
}
