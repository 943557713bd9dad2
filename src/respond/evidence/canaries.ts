import { MINUTE_MS } from "../../kernel/index.ts";
import { type Lane, type Statement, instantArray } from "../../store/index.ts";
import type { Seen } from "./open-messages.ts";

/** A canary as its row tells it. */
export type CanaryRow = {
  changeId: number;
  spoolId: string;
  provider: string | null;
  receiver: string;
  /** "tenant/stream" whose mail it stands for. */
  stream: string;
  burst: boolean;
  /** When its provider took it; null: it has not, or nobody knows yet. */
  handedOffAt: number | null;
  deadlineAt: number;
  arrivedAt: number | null;
  result: "arrived" | "missed" | "late" | "altered" | "refused" | null;
};

const ROWS = 2_000;
const COLUMNS = `change_id, canary_id, provider, receiver, tenant || '/' || stream, burst, handed_off_at, deadline_at, arrived_at, result`;

/**
 * Those to servers of our own only: between them and us is nobody but the provider and the network, and a miss is nobody
 * else's. Index: canaries_by_change, and canaries_by_time at the start. A few rows a second.
 */
const CHANGED: Statement = {
  name: "evidence-canaries",
  text: `SELECT ${COLUMNS} FROM canaries WHERE change_id > $1 AND kind = 'mail' AND own ORDER BY change_id LIMIT ${ROWS}`,
};
const RECENT: Statement = {
  name: "evidence-canaries-recent",
  text: `SELECT ${COLUMNS} FROM canaries WHERE sent_at > ($1::timestamptz[])[1] AND kind = 'mail' AND own ORDER BY change_id LIMIT ${ROWS}`,
};
const LATEST: Statement = {
  name: "evidence-canaries-latest",
  text: "SELECT coalesce(max(change_id), 0) FROM canaries",
};

/** @param after the change that was read last, or since when they were sent */
export async function canaries(
  execute: Lane["execute"],
  after: { changeId: number } | { since: number },
): Promise<CanaryRow[]> {
  const rows =
    "changeId" in after
      ? await execute(CHANGED, [after.changeId])
      : await execute(RECENT, [instantArray([after.since])]);
  return rows.map((row) => {
    const [changeId, spoolId, provider, receiver, stream, burst, handedOffAt, deadlineAt, arrivedAt, result] = row;
    const known = { changeId, spoolId, provider, receiver, stream, burst, handedOffAt, deadlineAt, arrivedAt, result };
    return known as CanaryRow;
  });
}

export async function latestCanary(execute: Lane["execute"]): Promise<number> {
  return (await execute(LATEST, []))[0]![0] as number;
}

/** Of each that is known: what was told of it. */
type Known = { provider: string; at: number; sent: boolean; ended: "arrived" | "missed" | null; claimed: boolean };

/** A canary's fate is known within a minute; what its provider tells of it may come later. */
const REMEMBERED_MS = 10 * MINUTE_MS;

/** So that each step of a canary is told once, and a claim that a missing one was delivered is noticed whichever comes first. */
export class CanaryWatch {
  readonly #known = new Map<string, Known>();

  /** @returns what is new in rows that changed */
  see(rows: readonly CanaryRow[], now: number): Seen[] {
    return rows.flatMap((row) => (row.provider === null ? [] : this.#see(row, row.provider, now)));
  }

  #see(row: CanaryRow, provider: string, now: number): Seen[] {
    const { receiver, burst, stream, handedOffAt, deadlineAt, arrivedAt, result } = row;
    // What was never taken by its provider was not lost by it: the refusal is evidence of its own.
    const sentAt = handedOffAt ?? arrivedAt;
    if (sentAt === null || result === "refused") return [];
    const known = this.#of(row.spoolId, provider, now);
    const news: Seen[] = [];
    const about = { receiver, burst, stream };
    if (!known.sent) {
      known.sent = true;
      news.push({ provider, evidence: { kind: "canary-sent", at: sentAt, ...about } });
    }
    if (known.ended !== null || result === null) return news;
    if (result === "arrived" || result === "altered") {
      known.ended = "arrived";
      const at = Math.max(arrivedAt ?? now, sentAt);
      news.push({ provider, evidence: { kind: "canary-arrived", at, sentAt, ...about } });
      return news;
    }
    known.ended = "missed";
    const at = Math.max(deadlineAt, sentAt);
    news.push({ provider, evidence: { kind: "canary-missed", at, sentAt, ...about } });
    if (known.claimed && result === "missed") news.push(claim(provider, at));
    return news;
  }

  /** Its provider says that the receiver took it. */
  told(spoolId: string, provider: string, at: number): Seen[] {
    const known = this.#of(spoolId, provider, at);
    if (known.claimed) return [];
    known.claimed = true;
    return known.ended === "missed" ? [claim(provider, at)] : [];
  }

  /** The latest one that is missing and called delivered, to ask its provider's log about: of others it need not know yet. */
  missingOf(provider: string): string | null {
    const missing = [...this.#known].filter(
      ([, one]) => one.provider === provider && one.ended === "missed" && one.claimed,
    );
    return missing.at(-1)?.[0] ?? null;
  }

  settle(now: number): void {
    for (const [id, { at }] of this.#known) {
      if (now - at < REMEMBERED_MS) return;
      this.#known.delete(id);
    }
  }

  #of(spoolId: string, provider: string, at: number): Known {
    const known = this.#known.get(spoolId) ?? { provider, at, sent: false, ended: null, claimed: false };
    this.#known.set(spoolId, known);
    return known;
  }
}

const claim = (provider: string, at: number): Seen => ({
  provider,
  evidence: { kind: "webhook-seen", at, ofMissingCanary: true },
});
