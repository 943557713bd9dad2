import type { LogSays } from "./evidence.ts";
import type { Assumed } from "./parameters.ts";

/**
 * A provider that calls canaries delivered which no receiver of ours has seen. A receiver takes mail before anybody can
 * say that it did, so each such claim is a contradiction; several of them, with nothing of since then arriving, are a lie
 * — of the provider, or of somebody who forges its events. Its log tells the two apart.
 */
export class Claims {
  readonly #assumed: Assumed["claims"];
  #firstAt: number | null = null;
  #count = 0;
  #log: LogSays | null = null;

  constructor(assumed: Assumed["claims"]) {
    this.#assumed = assumed;
  }

  /** @returns whether it is the first one of a series: now its log must be asked, and a burst */
  made(at: number): boolean {
    this.#count += 1;
    if (this.#firstAt !== null) return false;
    this.#firstAt = at;
    return true;
  }

  logSays(says: LogSays): void {
    if (this.#firstAt !== null) this.#log = says;
  }

  /** A canary that was sent at `sentAt` arrived: if that was after the first claim, mail flows and the claim was a mishap. */
  arrived(sentAt: number): void {
    if (this.#firstAt !== null && sentAt >= this.#firstAt) this.clear();
  }

  clear(): void {
    this.#firstAt = null;
    this.#count = 0;
    this.#log = null;
  }

  get count(): number {
    return this.#count;
  }

  get sinceAt(): number | null {
    return this.#firstAt;
  }

  get log(): LogSays | null {
    return this.#log;
  }

  /**
   * lying: events and log say so, or events do and nobody answers for the log. forged: the log denies what the events say.
   * null: too few, or its log may still answer.
   */
  found(now: number): "lying" | "forged" | null {
    if (this.#firstAt === null || this.#count < this.#assumed.needed) return null;
    if (this.#log === "delivered") return "lying";
    if (this.#log === "none" || this.#log === "queued") return "forged";
    return now - this.#firstAt >= this.#assumed.logWithinMs ? "lying" : null;
  }
}
