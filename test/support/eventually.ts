import { setTimeout as pause } from "node:timers/promises";

/**
 * The first answer of `look` that is neither null nor false, asked again and again. For what other processes and
 * timers do; it waits for the condition, never for a time that should suffice.
 */
export async function eventually<Found>(
  look: () => Promise<Found | null | false> | Found | null | false,
  withinMs = 15_000,
): Promise<Found> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`not so within ${withinMs} ms: ${look.toString().slice(0, 300)}`);
    await pause(15);
  }
}
