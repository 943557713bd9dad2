import type { Clock, Log } from "../../kernel/index.ts";
import type { LabInbox } from "../inbox.ts";
import type { LabEnvelope } from "../smtp/envelope.ts";
import type { PostOffice } from "./post-office.ts";

/**
 * Signing, a transfer and the checks cost some 5 ms of a processor per message, which Postern in the same process would
 * miss. So many a second take that way, a burst of a hundred at once; in a flood the rest goes to the inbox directly.
 */
const PER_SECOND = 20;
const BURST = 100;
const BYTES_UNDER_WAY = 32 * 1024 * 1024;

export type RelayParts = { office: PostOffice; inbox: LabInbox; clock: Clock; log: Log; changed: () => void };

/** Carries what a lab provider took by SMTP into the world, behind its answer. Nothing it was given is lost. */
export class Relay {
  readonly #parts: RelayParts;
  #tokens = BURST;
  #filledAt: number;
  #count = 0;
  #bytes = 0;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#filledAt = parts.clock.monotonicMs();
  }

  take(envelope: LabEnvelope, raw: Buffer): void {
    if (this.#hasRoom(raw.length)) void this.#carry(envelope, raw);
    else this.#putAside(envelope, raw);
  }

  #hasRoom(octets: number): boolean {
    const now = this.#parts.clock.monotonicMs();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAt) / 1_000) * PER_SECOND);
    this.#filledAt = now;
    if (this.#tokens < 1 || this.#bytes + octets > BYTES_UNDER_WAY) return false;
    this.#tokens -= 1;
    return true;
  }

  async #carry(envelope: LabEnvelope, raw: Buffer): Promise<void> {
    const { office, log } = this.#parts;
    this.#bytes += raw.length;
    this.#count += 1;
    try {
      const recipients = envelope.recipients.map(({ address }) => address);
      await office.send({ id: String(this.#count), raw, recipients, returnPath: envelope.returnPath });
    } catch (error) {
      const cause = error instanceof Error ? error.message : "unknown";
      log.warn("lab.relay-failed", { provider: office.vendor.name, cause });
      this.#putAside(envelope, raw);
    } finally {
      this.#bytes -= raw.length;
    }
  }

  #putAside(envelope: LabEnvelope, raw: Buffer): void {
    const { inbox, office, clock, changed } = this.#parts;
    inbox.add({ provider: office.vendor.name, takenAt: clock.now(), envelope, raw });
    changed();
  }
}
