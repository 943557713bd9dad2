import { type Clock, type Log, causeText, every } from "../../kernel/index.ts";
import { processMark } from "./holder.ts";

const WATCH_MS = 300;
/** A server that stays up this long has recovered; the next death is a new one. */
const UP_FOR_GOOD_MS = 10_000;
/** The first death is answered at once; a full disk lasts longer, and then each try reads the whole write-ahead log. */
const WAITS_MS = [0, 500, 1_000, 2_000, 4_000] as const;

/** How often it is asked whether the server is stuck, and how many times in a row it must be: a crash takes it some seconds to clear away. */
const STUCK_LOOK_MS = 5_000;
const STUCK_LOOKS = 3;

/** The wait before the next start, after so many deaths in a row. */
export const startAgainAfterMs = (deaths: number): number => WAITS_MS[Math.min(deaths, WAITS_MS.length) - 1] ?? 0;

/**
 * Starts the server again when it dies, for as long as it takes, and ends it when it lives but will never serve again.
 * Operator sees: "database.died" with what the server's log said last and what the disk has left; "database.stuck".
 */
export function keepRunning(parts: {
  pid(): number;
  startAgain(): void;
  /** It lives and will not serve, as things are now. */
  isStuck(): Promise<boolean>;
  /** What is known of why it is down. */
  said(): Promise<{ said: string; diskFreeBytes: number }>;
  clock: Clock;
  log: Log;
}): { stop(): Promise<void> } {
  const { pid, startAgain, isStuck, said, clock, log } = parts;
  let deaths = 0;
  let startedAt = clock.monotonicMs();
  /** Of a start that is planned; null while the server lives. */
  let startAt: number | null = null;

  let stuckLooks = 0;
  let lookAt = startedAt + STUCK_LOOK_MS;

  async function endIfStuck(now: number): Promise<void> {
    if (now < lookAt) return;
    lookAt = now + STUCK_LOOK_MS;
    stuckLooks = (await isStuck()) ? stuckLooks + 1 : 0;
    if (stuckLooks < STUCK_LOOKS) return;
    stuckLooks = 0;
    log.error("database.stuck", { pid: pid(), ...(await said()), next: "ending it, to start it again" });
    process.kill(pid(), "SIGQUIT"); // "immediate": as a crash, which it had already
  }

  async function watch(): Promise<void> {
    const now = clock.monotonicMs();
    if (startAt === null) {
      if (processMark(pid()) !== null) return endIfStuck(now);
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
