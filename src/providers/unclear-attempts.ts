import type { AttemptId } from "../kernel/index.ts";

/** Two hundred a second for a minute; what falls out is looked for the long way. */
const KEPT = 12_000;

/** What is remembered of attempts whose end is unknown, so that a provider's log is searched in the right place. */
export class UnclearAttempts {
  readonly #attempts = new Map<AttemptId, { at: number; recipient: string }>();
  /** Milliseconds since the epoch: an attempt that is not known here was before this, or long ago. */
  readonly startedAt: number;
  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  /** @param at when the call began. */
  add(attemptId: AttemptId, at: number, recipient: string): void {
    this.#attempts.set(attemptId, { at, recipient });
    if (this.#attempts.size > KEPT) this.#attempts.delete(this.#attempts.keys().next().value!);
  }

  find(attemptId: AttemptId): { at: number; recipient: string } | undefined {
    return this.#attempts.get(attemptId);
  }
}
