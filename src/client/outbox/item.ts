import { randomUUID } from "node:crypto";

/** A message that waits. `message` is the JSON text as it is sent, so that its hash stays the same. */
export type OutboxItem = { outboxId: string; idempotencyKey: string; createdAt: number; message: string };

/** What a file name says: names sort in the order of storing, and sizes need no look at the file. */
export type ItemName = { name: string; outboxId: string; sizeBytes: number };

const VERSION = 1;
const NAME = /^\d{15}-\d{6}-(\d{1,12})-([0-9a-f-]{36})\.json$/;

let lastMs = 0;
let sameMs = 0;

/** A name later than all that this process gave before, even where the clock was set back. */
export function newName(nowMs: number, sizeBytes: number): ItemName {
  sameMs = nowMs > lastMs ? 0 : sameMs + 1;
  lastMs = Math.max(lastMs, nowMs);
  const outboxId = randomUUID();
  const order = `${String(lastMs).padStart(15, "0")}-${String(sameMs).padStart(6, "0")}`;
  return { name: `${order}-${sizeBytes}-${outboxId}.json`, outboxId, sizeBytes };
}

/** Null for anything that is no item: temporary files, files of others. */
export function readName(name: string): ItemName | null {
  const match = NAME.exec(name);
  return match ? { name, outboxId: match[2]!, sizeBytes: Number(match[1]) } : null;
}

export const itemText = (item: OutboxItem, more: object = {}): string =>
  JSON.stringify({ version: VERSION, ...item, ...more });

/** Null where the file is none of ours (any more). */
export function readItem(text: string): OutboxItem | null {
  try {
    const { version, outboxId, idempotencyKey, createdAt, message } = JSON.parse(text) as Record<string, unknown>;
    return version === VERSION &&
      typeof outboxId === "string" &&
      typeof idempotencyKey === "string" &&
      typeof createdAt === "number" &&
      typeof message === "string"
      ? { outboxId, idempotencyKey, createdAt, message }
      : null;
  } catch {
    return null;
  }
}
