import type { SpoolId } from "../kernel/index.ts";
import type { Lease } from "../spool/index.ts";

/**
 * What this node knows it holds: its leases, and the octets of message text in its memory.
 * A lease is known from before it is committed until its message is out of this node's hands, so that a lease of this
 * node in the database which is not known here was forgotten: its answer was lost on the way.
 */
export class InHand {
  readonly #fences = new Map<SpoolId, number>();
  readonly #mostBytes: number;
  #bytes = 0;
  /** The end of the lease, or look at leases, before. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  add({ spoolId, fence }: Lease): void {
    this.#fences.set(spoolId, fence);
  }

  /** A message that was lost and leased anew stays, under its new fence. */
  remove({ spoolId, fence }: Lease): void {
    if (this.#fences.get(spoolId) === fence) this.#fences.delete(spoolId);
  }

  readonly knows = ({ spoolId, fence }: Lease): boolean => this.#fences.get(spoolId) === fence;

  get isFull(): boolean {
    return this.#bytes >= this.#mostBytes;
  }

  /** Room for a text in memory; a lone one always fits. */
  hasRoom(sizeBytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + sizeBytes <= this.#mostBytes;
  }

  take(sizeBytes: number): void {
    this.#bytes += sizeBytes;
  }

  give(sizeBytes: number): void {
    this.#bytes -= sizeBytes;
  }

  /** One after the other: who looks for forgotten leases must not find those that are just being taken. */
  inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const mine = this.#before.then(task);
    this.#before = mine.catch(() => {});
    return mine;
  }
}
