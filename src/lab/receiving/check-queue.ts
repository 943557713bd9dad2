import type { Authentication, Receipt } from "./receipt.ts";

/** Of those that wait, the texts are kept in memory besides the inbox, which drops what is old. */
const WAITING = 500;
const WAITING_BYTES = 32 * 1024 * 1024;

type Job = { receipt: Receipt; octets: number; check: () => Promise<Authentication> };

/** Checks one message after the other, behind the answer that took it. What finds no room stays unchecked. */
export class CheckQueue {
  readonly #done: (error: unknown) => void;
  readonly #jobs: Job[] = [];
  #octets = 0;
  #running: Promise<void> | null = null;

  /** @param done Called after each check, with what broke it or null. */
  constructor(done: (error: unknown) => void) {
    this.#done = done;
  }

  add(receipt: Receipt, octets: number, check: Job["check"]): void {
    if (this.#jobs.length >= WAITING || this.#octets + octets > WAITING_BYTES) {
      receipt.authentication = "unchecked";
      return;
    }
    this.#jobs.push({ receipt, octets, check });
    this.#octets += octets;
    this.#running ??= this.#run();
  }

  /** Everything that came so far has been looked at. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** What still waits stays unchecked. */
  async stop(): Promise<void> {
    for (const { receipt } of this.#jobs.splice(0)) receipt.authentication = "unchecked";
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      this.#octets -= job.octets;
      try {
        job.receipt.authentication = await job.check();
        this.#done(null);
      } catch (error) {
        job.receipt.authentication = "unchecked";
        this.#done(error);
      }
    }
    this.#octets = 0;
    this.#running = null;
  }
}
