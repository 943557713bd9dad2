import type { Clock } from "../../kernel/index.ts";
import type { LabInbox } from "../inbox.ts";
import type { Outgoing } from "./post-office.ts";

/**
 * Signing, a transfer and the checks take 3 ms of a processor per message (300 messages of 3 KB, November 2026), which
 * Postern in the same process would miss. So many a second go that way, a burst of a hundred at once; in a flood the
 * rest comes into the inbox directly.
 */
const PER_SECOND = 30;
const BURST = 100;
const BYTES_UNDER_WAY = 32 * 1024 * 1024;

export type ValveParts = { inbox: LabInbox; clock: Clock; changed: () => void };

/** How much of the lab's mail goes through the world at once; one for all providers. Nothing is lost at it. */
export class Valve {
  readonly #parts: ValveParts;
  #tokens = BURST;
  #filledAt: number;
  #bytes = 0;

  constructor(parts: ValveParts) {
    this.#parts = parts;
    this.#filledAt = parts.clock.monotonicMs();
  }

  /** True: it may go, and `left` must be called once it has. */
  enter(octets: number): boolean {
    const now = this.#parts.clock.monotonicMs();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAt) / 1_000) * PER_SECOND);
    this.#filledAt = now;
    if (this.#tokens < 1 || this.#bytes + octets > BYTES_UNDER_WAY) return false;
    this.#tokens -= 1;
    this.#bytes += octets;
    return true;
  }

  left(octets: number): void {
    this.#bytes -= octets;
  }

  /** Past the world, into the inbox, with nothing known of it. */
  putAside(provider: string, { raw, recipients, returnPath }: Outgoing): void {
    const { inbox, clock, changed } = this.#parts;
    const envelope = {
      returnPath: returnPath ?? "",
      parameters: [],
      recipients: recipients.map((address) => ({ address, parameters: [] })),
      smtputf8: false,
    };
    inbox.add({ provider, takenAt: clock.now(), envelope, raw });
    changed();
  }
}
