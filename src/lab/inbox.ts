import type { Receipt } from "./receiving/receipt.ts";
import type { LabEnvelope } from "./smtp/envelope.ts";

/** Bounds of the inbox. Two thousand fill twenty screens of 100; 64 MiB is a dozen thousand usual messages of 5 KB. */
const INBOX_MESSAGES = 2_000;
const INBOX_BYTES = 64 * 1024 * 1024;

/** One message as a lab provider delivered it. `raw` is RFC 5322 text with CRLF line ends, dots unstuffed. */
export type LabMessage = {
  /** Rises by one; what `?after=` compares. */
  id: number;
  provider: string;
  takenAt: number;
  envelope: LabEnvelope;
  raw: Buffer;
  /** How the receiving server got it; null: a lab provider put it here itself. */
  receipt: Receipt | null;
  /** Somebody opened its page. */
  seen: boolean;
};

/**
 * Where the mail of the lab ends, in memory only: newest kept, oldest dropped and counted.
 * Message ids go on rising after a clear, so that a reader's `after` never points to another message.
 */
export class LabInbox {
  readonly #messages = new Map<number, LabMessage>();
  readonly #bounds: { messages: number; bytes: number };
  #bytes = 0;
  #lastId = 0;
  #droppedCount = 0;

  constructor(bounds = { messages: INBOX_MESSAGES, bytes: INBOX_BYTES }) {
    this.#bounds = bounds;
  }

  add(message: Omit<LabMessage, "id" | "seen" | "receipt"> & { receipt?: Receipt }): LabMessage {
    this.#lastId += 1;
    const kept: LabMessage = { receipt: null, ...message, id: this.#lastId, seen: false };
    this.#messages.set(kept.id, kept);
    this.#bytes += kept.raw.length;
    for (const oldest of this.#messages.values()) {
      if (this.#messages.size <= this.#bounds.messages && this.#bytes <= this.#bounds.bytes) break;
      this.#messages.delete(oldest.id);
      this.#bytes -= oldest.raw.length;
      this.#droppedCount += 1;
    }
    return kept;
  }

  get(id: number): LabMessage | undefined {
    return this.#messages.get(id);
  }

  /** Newest first. */
  newest(): LabMessage[] {
    return [...this.#messages.values()].toReversed();
  }

  /** The ids beside one message that are still here. */
  neighbours(id: number): { newer: number | null; older: number | null } {
    let older: number | null = null;
    for (const other of this.#messages.keys()) {
      if (other > id) return { newer: other, older };
      if (other < id) older = other;
    }
    return { newer: null, older };
  }

  markSeen(id: number): void {
    const message = this.#messages.get(id);
    if (message) message.seen = true;
  }

  clear(): void {
    this.#messages.clear();
    this.#bytes = 0;
    this.#droppedCount = 0;
  }

  get counts(): { messages: number; bytes: number; dropped: number; unseen: number; newestId: number } {
    let unseen = 0;
    for (const message of this.#messages.values()) if (!message.seen) unseen += 1;
    return {
      messages: this.#messages.size,
      bytes: this.#bytes,
      dropped: this.#droppedCount,
      unseen,
      newestId: this.#lastId,
    };
  }
}
