import type { ClientClock } from "../clock.ts";
import { PosternError } from "../postern-error.ts";
import type { Accepted } from "../wire.ts";
import type { OutboxListener } from "./events.ts";
import type { OutboxFolder } from "./folder.ts";
import { type ItemName, type OutboxItem, readItem } from "./item.ts";
import { OutboxLock } from "./lock.ts";

/** Postern keeps a key for 72 h. Ten minutes less leave room for two clocks that differ and for a request on its way. */
export const KEY_LIFE_MS = 72 * 3_600_000 - 10 * 60_000;

/** So many in one pass are no matter of single messages any more. */
const LEFT_MOST = 20;

export type DrainParts = {
  folder: OutboxFolder;
  clock: ClientClock;
  tell: OutboxListener;
  deliver(item: OutboxItem): Promise<Accepted>;
};

/**
 * ended: nothing waits any more · blocked: Postern cannot take mail, `error` says why · elsewhere: another process
 * drains this folder · stopped: asked to.
 */
export type PassEnd = { kind: "ended" | "elsewhere" | "stopped" } | { kind: "blocked"; error: PosternError };

export type PassCounts = { delivered: number; refused: number; expired: number };

/**
 * One pass over what waits, in order, one at a time.
 * A message is removed only after Postern said 202, and put aside only after Postern's own problem document said never.
 * What may be the fault of one message (500, or a proxy that dislikes it) lets the others go on before it; what would
 * meet them all ends the pass.
 */
export async function drainOnce(parts: DrainParts, isStopping: () => boolean, counts: PassCounts): Promise<PassEnd> {
  const { folder, clock } = parts;
  if ((await folder.pending()).length === 0) return { kind: "ended" };
  const lock = await OutboxLock.acquire(folder.locks, clock);
  if (lock === null) return { kind: "elsewhere" };
  try {
    const left = new Map<string, PosternError>();
    for (;;) {
      const next = (await folder.pending()).filter(({ name }) => !left.has(name));
      if (next.length === 0) {
        const [error] = left.values();
        return error ? { kind: "blocked", error } : { kind: "ended" };
      }
      for (const one of next) {
        if (isStopping()) return { kind: "stopped" };
        if (!(await lock.isHeld())) return { kind: "elsewhere" };
        const error = await handle(one, parts, counts);
        if (error === null) continue;
        if (!error.mayBeThisMessage || left.size >= LEFT_MOST) return { kind: "blocked", error };
        left.set(one.name, error);
      }
    }
  } finally {
    await lock.release();
  }
}

/** Null once the message is out of pending/; otherwise why it stays. */
async function handle(one: ItemName, parts: DrainParts, counts: PassCounts): Promise<PosternError | null> {
  const { folder, clock, tell, deliver } = parts;
  const text = await folder.read(one.name);
  if (text === null) return null;
  const item = readItem(text);
  if (item === null) {
    const error = new PosternError(
      "outbox-item-unreadable",
      "The file is not what this client wrote. It is kept as it is.",
    );
    const file = await folder.putAside("refused", one.name, null, {});
    counts.refused += 1;
    tell({ kind: "refused", outboxId: one.outboxId, error, file });
    return null;
  }
  const { outboxId } = item;
  if (clock.now() - item.createdAt > KEY_LIFE_MS) {
    const file = await folder.putAside("expired", one.name, item, { expiredAt: new Date(clock.now()).toISOString() });
    counts.expired += 1;
    tell({ kind: "expired", outboxId, file });
    return null;
  }
  try {
    const { id, replayed } = await deliver(item);
    await folder.remove(one.name);
    counts.delivered += 1;
    tell({ kind: "delivered", outboxId, id, replayed });
    return null;
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    if (!error.isFinal) return error;
    const { code, status, detail, errors } = error;
    const file = await folder.putAside("refused", one.name, item, { problem: { code, status, detail, errors } });
    counts.refused += 1;
    tell({ kind: "refused", outboxId, error, file });
    return null;
  }
}
