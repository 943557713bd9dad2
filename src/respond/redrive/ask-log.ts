import { type Clock, MINUTE_MS } from "../../kernel/index.ts";
import { foldedAddress } from "../../mail/index.ts";
import type { Provider } from "../../providers/index.ts";
import { REDRIVE_BOUNDS } from "./bounds.ts";
import type { LogAnswer } from "./decide.ts";

/** What tells that the receiving server has it. "sent" is none of it: that is said of what is lost, too. */
const DELIVERED = /^(?:delivered|delivery|opened|clicked|complained)$/i;

type Question = { key: string; provider: Provider; attemptId: string };

/**
 * Asks a provider's log about single tries, some at a time and each for a few seconds. Answers are there at a later
 * look; nobody waits for them here.
 */
export class AskLog {
  readonly #clock: Clock;
  readonly #waiting: Question[] = [];
  readonly #answers = new Map<string, LogAnswer>();
  readonly #asked = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** Of each provider: questions in a row that it did not answer. */
  readonly #silent = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns asking: come again · silent: this log does not answer, or there is none. */
  answer(key: string, provider: Provider | undefined, attemptId: () => string): LogAnswer | "asking" | "silent" {
    if (!provider?.activity) return "silent";
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    if ((this.#silent.get(provider.name) ?? 0) >= REDRIVE_BOUNDS.silentAsks) return "silent";
    if (!this.#asked.has(key)) {
      this.#asked.add(key);
      this.#waiting.push({ key, provider, attemptId: attemptId() });
      this.#next();
    }
    return "asking";
  }

  forget(key: string): void {
    this.#answers.delete(key);
    this.#asked.delete(key);
  }

  /** What it did not answer before is forgotten. */
  trust(provider: string): void {
    this.#silent.delete(provider);
  }

  async stop(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  #next(): void {
    while (this.#running.size < REDRIVE_BOUNDS.asksAtOnce && this.#waiting.length > 0) {
      const running: Promise<void> = this.#ask(this.#waiting.shift()!).finally(() => {
        this.#running.delete(running);
        this.#next();
      });
      this.#running.add(running);
    }
  }

  async #ask({ key, provider, attemptId }: Question): Promise<void> {
    const { name } = provider;
    if (!this.#asked.has(key)) return; // nobody wants to know any more
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const timer = this.#clock.after(REDRIVE_BOUNDS.askWithinMs, () => resolve(null));
    const query = { sinceMs: this.#clock.now() - SINCE_MS, attemptId, limit: 100 };
    const asked = await Promise.race([provider.activity!(query).catch(() => null), late]);
    timer.cancel();
    if (asked === null || asked.kind === "unavailable") {
      this.#silent.set(name, (this.#silent.get(name) ?? 0) + 1);
      if (this.#asked.has(key)) this.#answers.set(key, "none");
      return;
    }
    this.#silent.delete(name);
    const there = asked.value.filter((item) => item.attemptId === attemptId && DELIVERED.test(item.state));
    if (this.#asked.has(key))
      this.#answers.set(key, { deliveredTo: new Set(there.map((item) => foldedAddress(item.recipient))) });
  }
}

const SINCE_MS = 24 * 60 * MINUTE_MS;
