import { statfs } from "node:fs/promises";
import type { Limits } from "../config/index.ts";
import { type Clock, type Log, causeText, every } from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { INTAKE } from "./refusals.ts";
import type { Refusal } from "./submission.ts";

const WATCH_MS = 1_000;

export type IntakeParts = {
  limits: Limits;
  dataFolder: string;
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

  /** Reads the free disk space of the data folder's file system. */
  async look(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#parts.dataFolder);
    this.#diskLow = bavail * bsize < this.#parts.limits.diskFreeBytes;
    this.refusal();
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
