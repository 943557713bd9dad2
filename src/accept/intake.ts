import { statfs } from "node:fs/promises";
import type { Limits } from "../config/index.ts";
import { type Clock, type Log, causeText, every } from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { INTAKE } from "./refusals.ts";
import type { Refusal } from "./submission.ts";

const WATCH_MS = 1_000;
/** Then one message may try again. */
const FULL_FOR_MS = 2_000;

export type IntakeParts = {
  limits: Limits;
  /** Whose disks must not run full. */
  folders: readonly string[];
  isDatabaseUp(): boolean;
  /** Rows waiting in the queue, as last counted. */
  queueRows(): number;
  clock: Clock;
  log: Log;
  metrics: Metrics;
};

/** May anything be taken right now? Looks before the message comes, so that a client learns it before sending megabytes. */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #watch: { stop(): Promise<void> };
  #diskLow = false;
  #databaseFullUntil = 0;
  #stopping = false;
  #bytes = 0;
  #told: string | null = null;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#watch = every(
      parts.clock,
      WATCH_MS,
      () => this.look(),
      (error) => parts.log.warn("disk.not-seen", { cause: causeText(error) }),
    );
  }

  /** Reads what is free on the disks. */
  async look(): Promise<void> {
    const disks = await Promise.all(this.#parts.folders.map((folder) => statfs(folder)));
    const freeBytes = disks.map(({ bavail, bsize }) => bavail * bsize);
    this.#parts.metrics.diskFree(Math.min(...freeBytes), this.#parts.limits.diskFreeBytes);
    this.#diskLow = freeBytes.some((bytes) => bytes < this.#parts.limits.diskFreeBytes);
    this.refusal();
  }

  /** The database said that it cannot write: for a moment nobody need send a message to hear the same. */
  databaseFull(): Refusal {
    this.#databaseFullUntil = this.#parts.clock.monotonicMs() + FULL_FOR_MS;
    this.refusal();
    return INTAKE.databaseFull;
  }

  refusal(): Refusal | null {
    const refusal = this.#why();
    const code = refusal?.code ?? null;
    if (code !== this.#told) {
      this.#told = code;
      this.#parts.metrics.intake(code);
      if (refusal) this.#parts.log.warn("intake.stopped", { code, why: refusal.publicMessage });
      else this.#parts.log.info("intake.open");
    }
    return refusal;
  }

  #why(): Refusal | null {
    if (this.#stopping) return INTAKE.stopping;
    if (!this.#parts.isDatabaseUp()) return INTAKE.databaseAway;
    if (this.#diskLow) return INTAKE.diskLow;
    if (this.#parts.clock.monotonicMs() < this.#databaseFullUntil) return INTAKE.databaseFull;
    if (this.#parts.queueRows() >= this.#parts.limits.queueRows) return INTAKE.queueFull;
    return null;
  }

  /** Room in memory for a message on its way to the database; false where it must wait. */
  take(sizeBytes: number): boolean {
    if (this.#bytes > 0 && this.#bytes + sizeBytes > this.#parts.limits.acceptInFlightBytes) return false;
    this.#bytes += sizeBytes;
    return true;
  }

  give(sizeBytes: number): void {
    this.#bytes -= sizeBytes;
  }

  /** From now on everything is refused. */
  close(): void {
    this.#stopping = true;
    this.refusal();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }
}
