import { performance } from "node:perf_hooks";
import type { Begin } from "../twins/index.ts";

/** Turns of the event loop without an event before it counts as quiet: promises and setImmediate chains end within two. */
const QUIET_TURNS = 4;
/** No step of a rehearsal takes that long in real time; what does hangs. */
const STUCK_MS = 10_000;
/** So many times as long for all that happens in one instant, on a machine that has much else to do; what takes longer goes round in circles. */
const CIRCLES = 30;

/** Requests to the system whose ends the event loop tells of, and which somebody waits for. */
const REQUESTS = /^(?:FSReq|GetAddrInfo|GetNameInfo|Connect|TCPConnect|PipeConnect|Write|Shutdown|QueryReq)/;

/**
 * Knows whether anything is still on its way, so that virtual time stands still meanwhile.
 * 1. What another process or thread does (PostgreSQL; deliveries with their signatures) is counted from its begin to
 * its end.  2. What goes over loopback within this process needs no counting: a write is readable at once, so the event
 * loop has events for as long as anything moves, and libuv counts those.
 * A connection on which nobody says anything (a provider that never answers) has no events, so it holds up nothing.
 */
export class UnderWay {
  readonly #running = new Map<number, string>();
  #count = 0;
  /** Begins and ends so far: as long as it grows, something gets on. */
  #steps = 0;
  #nothing: PromiseWithResolvers<void> | null = null;
  readonly #stuckMs: number;

  constructor(stuckMs = STUCK_MS) {
    this.#stuckMs = stuckMs;
  }

  readonly begin: Begin = (what) => {
    const id = (this.#count += 1);
    this.#running.set(id, what);
    this.#steps += 1;
    return () => {
      this.#running.delete(id);
      this.#steps += 1;
      if (this.#running.size > 0) return;
      this.#nothing?.resolve();
      this.#nothing = null;
    };
  };

  /** Counts a promise. */
  async during<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    const end = this.begin(what);
    try {
      return await work();
    } finally {
      end();
    }
  }

  /** Nothing is on its way any more. @throws Error that names what was, where it does not end */
  async quiet(): Promise<void> {
    const deadline = performance.now() + CIRCLES * this.#stuckMs;
    let seen = -1;
    for (let still = 0; still < QUIET_TURNS;) {
      if (this.#running.size > 0) await this.#ended();
      await new Promise(setImmediate);
      const { events } = performance.nodeTiming.uvMetricsInfo;
      const moves = events !== seen || this.#running.size > 0 || isWaiting();
      still = moves ? 0 : still + 1;
      seen = events;
      if (moves && performance.now() > deadline) throw this.#stuck();
    }
  }

  async #ended(): Promise<void> {
    this.#nothing ??= Promise.withResolvers<void>();
    const { promise, reject } = this.#nothing;
    let seen = this.#steps;
    let looks = 0;
    const guard = setInterval(() => {
      if (this.#steps === seen || (looks += 1) > CIRCLES) reject(this.#stuck());
      seen = this.#steps;
    }, this.#stuckMs);
    await promise.finally(() => clearInterval(guard));
  }

  #stuck(): Error {
    const what = [...new Set(this.#running.values())].join(", ") || process.getActiveResourcesInfo().join(", ");
    return new Error(`The rehearsal stands still: on its way for ${this.#stuckMs / 1_000} s and more is ${what}.`);
  }
}

const isWaiting = (): boolean => process.getActiveResourcesInfo().some((name) => REQUESTS.test(name));
