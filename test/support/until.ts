import { delay, systemClock } from "../../src/kernel/index.ts";

const LOOK_EVERY_MS = 10;

/** Waits for a condition of the real world (a process, a socket, another node) to hold. @throws Error saying `what` when it does not in time. */
export async function until(what: string, met: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> {
  const deadline = systemClock.monotonicMs() + withinMs;
  while (!(await met())) {
    if (systemClock.monotonicMs() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(systemClock, LOOK_EVERY_MS);
  }
}
