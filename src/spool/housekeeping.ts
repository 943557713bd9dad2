import { type Clock, type Log, every } from "../kernel/index.ts";
import { type Database, type Queryable, tellFailure } from "../store/index.ts";
import { type QueueCount, queueCounts } from "./counts.ts";
import { type RetentionRule, SWEEP_BATCH, sweepRetention } from "./sweep.ts";

const SWEEP_MS = 30_000;
const COUNT_LEAST_MS = 2_000;
/** Counting may take at most this share of the time. */
const COUNT_SHARE = 0.02;
/** Any fixed number: one node at a time sweeps. */
const SWEEP_LOCK = 8_082_022;

export type Housekeeping = { /** As last counted. */ queueRows(): number; stop(): Promise<void> };

/** Deletes what is kept no longer (one node at a time) and counts the queue (each node for itself). */
export function startHousekeeping(parts: {
  database: Database;
  retention: RetentionRule;
  /** Sweeps of other rooms, in the same turn; each gives how many rows it deleted, at most SWEEP_BATCH. */
  sweeps: readonly ((database: Queryable, now: number) => Promise<number>)[];
  onCounts(counts: readonly QueueCount[]): void;
  clock: Clock;
  log: Log;
}): Housekeeping {
  const { database, retention, clock, log } = parts;
  let rows = 0;
  let countAgainAt = 0;

  let stopping = false;

  /** One batch in one transaction. @returns whether there is more; false where another node sweeps. */
  const sweepBatch = (): Promise<boolean> =>
    database.transaction(async (tx) => {
      const [got] = await tx.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS mine", [SWEEP_LOCK]);
      if (!got?.mine) return false;
      const { more, ...swept } = await sweepRetention(tx, retention, clock.now());
      let moreElsewhere = false;
      for (const other of parts.sweeps) if ((await other(tx, clock.now())) >= SWEEP_BATCH) moreElsewhere = true;
      if (swept.bodies + swept.messages + swept.keys > 0) log.info("retention.swept", swept);
      return more || moreElsewhere;
    });
  // As many batches as there are: what is accepted at full speed must be forgotten at that speed too.
  const sweep = async (): Promise<void> => {
    while ((await sweepBatch()) && !stopping);
  };
  const count = async (): Promise<void> => {
    const startedAt = clock.monotonicMs();
    if (startedAt < countAgainAt) return;
    const counts = await queueCounts(database);
    rows = counts.reduce((sum, one) => sum + one.count, 0);
    parts.onCounts(counts);
    countAgainAt = startedAt + (clock.monotonicMs() - startedAt) / COUNT_SHARE;
  };

  const series = [
    every(clock, SWEEP_MS, sweep, tellFailure(database, log, "retention.sweep-failed")),
    every(clock, COUNT_LEAST_MS, count, tellFailure(database, log, "queue.count-failed")),
  ];
  return {
    queueRows: () => rows,
    async stop() {
      stopping = true;
      await Promise.all(series.map((one) => one.stop()));
    },
  };
}
