import { readFile, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { PosternError } from "../postern-error.ts";
import { TEMPORARY, isMissing, makeFolder, syncFolder, writeDurably } from "./durable.ts";
import { type ItemName, type OutboxItem, itemText, newName, readName } from "./item.ts";

export type OutboxBounds = { maxMessages: number; maxBytes: number };

/** A temporary file so old belongs to a process that died while it wrote. */
const TEMPORARY_AGE_MS = 3_600_000;

/**
 * The outbox on disk: pending/ waits to be sent; refused/ and expired/ keep what was not, with the reason, until someone
 * takes it away; locks/ says who drains.
 */
export class OutboxFolder {
  readonly locks: string;
  readonly #pending: string;
  readonly #refused: string;
  readonly #expired: string;
  readonly #bounds: OutboxBounds;
  /** Files being written: they count, though the folder does not show them yet. */
  #writing = { messages: 0, bytes: 0 };

  constructor(folder: string, bounds: OutboxBounds) {
    this.#pending = path.join(folder, "pending");
    this.#refused = path.join(folder, "refused");
    this.#expired = path.join(folder, "expired");
    this.locks = path.join(folder, "locks");
    this.#bounds = bounds;
  }

  async open(nowMs: number): Promise<void> {
    for (const folder of [this.#pending, this.#refused, this.#expired, this.locks]) await makeFolder(folder);
    await syncFolder(path.dirname(this.#pending));
    for (const name of await readdir(this.#pending)) {
      if (!name.endsWith(TEMPORARY)) continue;
      const file = path.join(this.#pending, name);
      const age = await stat(file).then(
        ({ mtimeMs }) => nowMs - mtimeMs,
        () => 0,
      );
      if (age > TEMPORARY_AGE_MS) await rm(file, { force: true });
    }
  }

  /** What waits, in the order of storing. */
  async pending(): Promise<ItemName[]> {
    const names = await readdir(this.#pending);
    return names.toSorted().flatMap((name) => readName(name) ?? []);
  }

  /** Resolves once it is on disk. @throws PosternError outbox-full, outbox-write-failed. */
  async store(item: Omit<OutboxItem, "outboxId">): Promise<string> {
    const sizeBytes = Buffer.byteLength(item.message);
    // Counted before the folder is read: of many stores at once none can slip past the others.
    this.#writing = { messages: this.#writing.messages + 1, bytes: this.#writing.bytes + sizeBytes };
    try {
      const waiting = await this.pending();
      const messages = waiting.length + this.#writing.messages;
      const bytes = waiting.reduce((sum, one) => sum + one.sizeBytes, this.#writing.bytes);
      if (messages > this.#bounds.maxMessages || bytes > this.#bounds.maxBytes) throw this.#full(waiting.length);
      const { name, outboxId } = newName(item.createdAt, sizeBytes);
      await writeDurably(this.#pending, name, itemText({ outboxId, ...item }));
      return outboxId;
    } catch (error) {
      if (error instanceof PosternError) throw error;
      throw new PosternError(
        "outbox-write-failed",
        "Postern cannot be reached and the outbox cannot be written, so the message is kept nowhere. Check the disk and the rights of the outbox folder.",
        { cause: error },
      );
    } finally {
      this.#writing = { messages: this.#writing.messages - 1, bytes: this.#writing.bytes - sizeBytes };
    }
  }

  /** Null where another process took it away meanwhile. */
  async read(name: string): Promise<string | null> {
    try {
      return await readFile(path.join(this.#pending, name), "utf8");
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /** Not synced: should the entry come back after a crash, its key makes the second sending none. */
  remove(name: string): Promise<void> {
    return rm(path.join(this.#pending, name), { force: true });
  }

  /** Out of the way, with the reason written into it. Gives the file's new place. */
  async putAside(place: "refused" | "expired", name: string, item: OutboxItem | null, reason: object): Promise<string> {
    const folder = place === "refused" ? this.#refused : this.#expired;
    if (item === null) {
      await rename(path.join(this.#pending, name), path.join(folder, name)); // unreadable: kept as it is
      await syncFolder(folder);
    } else {
      await writeDurably(folder, name, itemText(item, reason));
      await this.remove(name);
    }
    return path.join(folder, name);
  }

  #full(messages: number): PosternError {
    const { maxMessages, maxBytes } = this.#bounds;
    return new PosternError(
      "outbox-full",
      `Postern cannot be reached and the outbox is full (${messages} of ${maxMessages} messages, at most ${maxBytes} bytes). The message is kept nowhere: try again later.`,
    );
  }
}
