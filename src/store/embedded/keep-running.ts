import { type Clock, type Log, causeText, every } from "../../kernel/index.ts";
import { processMark } from "./holder.ts";

const WATCH_MS = 300;
/** A server that stays up this long has recovered; the next death is a new one. */
const UP_FOR_GOOD_MS = 10_000;
/** The first death is answered at once; a full disk lasts longer, and then each try reads the whole write-ahead log. */
const WAITS_MS = [0, 500, 1_000, 2_000, 4_000] as const;

/** The wait before the next start, after so many deaths in a row. */
export const startAgainAfterMs = (deaths: number): number => WAITS_MS[Math.min(deaths, WAITS_MS.length) - 1] ?? 0;

/**
 * Starts the server again when it dies, for as long as it takes.
 * Operator sees: "database.died" with what the server's log said last and what the disk has left.
 * @param startAgain gives the new pid. @param said why, as far as anybody knows.
 */
export function keepRunning(parts: {
  pid(): number;
  startAgain(): void;
  said(): Promise<{ said: string; diskFreeBytes: number }>;
  clock: Clock;
  log: Log;
}): { stop(): Promise<void> } {
  const { pid, startAgain, said, clock, log } = parts;
  let deaths = 0;
  let startedAt = clock.monotonicMs();
  /** Of a start that is planned; null while the server lives. */
  let startAt: number | null = null;

  async function watch(): Promise<void> {
    const now = clock.monotonicMs();
    if (startAt === null) {
      if (processMark(pid()) !== null) return;
      deaths = now - startedAt >= UP_FOR_GOOD_MS ? 1 : deaths + 1;
      const waitMs = startAgainAfterMs(deaths);
      log.error("database.died", { pid: pid(), ...(await said()), next: `starting it again in ${waitMs} ms` });
      startAt = now + waitMs;
    }
    if (now < startAt) return;
    startAt = null;
    startedAt = now;
    startAgain();
  }
  return every(clock, WATCH_MS, watch, (error) => log.error("database.watch-failed", { cause: causeText(error) }));
}
