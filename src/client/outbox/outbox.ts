import type { ClientTimer } from "../clock.ts";
import { PosternError } from "../postern-error.ts";
import { spreadMs } from "../retry.ts";
import { type DrainParts, type PassCounts, type PassEnd, drainOnce } from "./drain.ts";
import type { OutboxItem } from "./item.ts";

/** Waits between passes: Postern comes back within seconds after a restart, and an outage of hours needs no storm. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** Another process drains; should it die, we are next. */
const ELSEWHERE_WAIT_MS = 5_000;

export type FlushResult = PassCounts & {
  /** Still waiting, in this folder. */
  remaining: number;
};

/**
 * Keeps messages on disk while Postern cannot take them, and hands them over in the background.
 * 1. `store` resolves once the message is safe.  2. Passes over the folder follow each other until nothing waits.
 * 3. A wait doubles after each pass that met a closed door, and follows Postern's Retry-After.
 * Invariants: a stored message ends in Postern, in refused/ or in expired/, never nowhere; one process drains at a time.
 */
export class Outbox {
  readonly #parts: DrainParts;
  readonly #fraction: () => number;
  readonly #opened: Promise<void>;
  #backlog = true; // until the folder was looked at
  #running: Promise<PassEnd> | null = null;
  #timer: ClientTimer | undefined;
  #failures = 0;
  readonly #totals: PassCounts = { delivered: 0, refused: 0, expired: 0 };
  /** A message came that the pass on its way may not have seen. */
  #storedSince = false;
  #stopping = false;

  constructor(parts: DrainParts, fraction: () => number) {
    this.#parts = parts;
    this.#fraction = fraction;
    this.#opened = parts.folder.open(parts.clock.now());
    this.#opened.then(
      () => this.#kick(),
      () => {}, // told to whoever sends, stores or flushes
    );
  }

  /** True while older messages wait: a new one goes behind them, and does not try a door known to be closed. */
  async hasBacklog(): Promise<boolean> {
    await this.#ready();
    if (!this.#backlog) return false;
    const waits = (await this.#parts.folder.pending()).length > 0;
    if (!waits && this.#running === null) this.#backlog = false;
    return waits;
  }

  async store(item: Omit<OutboxItem, "outboxId">, cause: PosternError | null): Promise<string> {
    await this.#ready();
    this.#backlog = true;
    const outboxId = await this.#parts.folder.store(item);
    this.#storedSince = true;
    this.#parts.tell({ kind: "stored", outboxId, cause });
    if (this.#timer === undefined) this.#kick(cause);
    return outboxId;
  }

  /** One pass now, whatever wait was planned. Counts what left the folder since it was called. */
  async flush(): Promise<FlushResult> {
    const before = { ...this.#totals };
    await this.#ready();
    while (this.#running !== null) await this.#running;
    await this.#pass();
    return {
      delivered: this.#totals.delivered - before.delivered,
      refused: this.#totals.refused - before.refused,
      expired: this.#totals.expired - before.expired,
      remaining: (await this.#parts.folder.pending()).length,
    };
  }

  /** Ends after the message on its way. What waits stays on disk for the next start. */
  async close(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    await this.#opened.catch(() => {});
    await this.#running;
  }

  async #ready(): Promise<void> {
    try {
      await this.#opened;
    } catch (error) {
      throw new PosternError(
        "outbox-write-failed",
        "The outbox folder cannot be made or read. Check its path and rights.",
        {
          cause: error,
        },
      );
    }
  }

  /** Starts a pass, or plans one where a closed door was just met. */
  #kick(met: PosternError | null = null): void {
    if (this.#stopping || this.#running !== null) return;
    if (met) this.#plan({ kind: "blocked", error: met });
    else void this.#pass();
  }

  async #pass(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#storedSince = false;
    this.#running = drainOnce(this.#parts, () => this.#stopping, this.#totals).catch((error: unknown): PassEnd => ({
      kind: "blocked",
      error: new PosternError(
        "outbox-write-failed",
        "The outbox cannot be read or changed. Check its disk and rights.",
        { cause: error },
      ),
    }));
    const end = await this.#running;
    this.#running = null;
    this.#plan(end);
  }

  #plan(end: PassEnd): void {
    if (end.kind === "ended") {
      this.#failures = 0;
      if (this.#storedSince) return this.#kick();
      this.#backlog = false;
      return;
    }
    if (this.#stopping || end.kind === "stopped") return;
    let waitMs = ELSEWHERE_WAIT_MS;
    if (end.kind === "blocked") {
      this.#failures += 1;
      waitMs = spreadMs(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1)), this.#fraction);
      waitMs = Math.max(waitMs, Math.min(end.error.retryAfterMs ?? 0, LONGEST_WAIT_MS * 4));
      this.#parts.tell({ kind: "waiting", error: end.error, retryInMs: waitMs });
    }
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(waitMs, () => {
      this.#timer = undefined;
      this.#kick();
    });
    this.#timer.unref?.();
  }
}
