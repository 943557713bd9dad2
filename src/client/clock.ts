import { randomInt } from "node:crypto";

/** Time as the client needs it. A timer that can `unref` does not keep a program alive that is done. */
export type ClientTimer = { cancel(): void; unref?(): void };
export type ClientClock = {
  /** Wall clock, milliseconds since the Unix epoch. */
  now(): number;
  after(delayMs: number, task: () => void): ClientTimer;
};

export const systemClock: ClientClock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(handle), unref: () => handle.unref() };
  },
};

/** A number in [0, 1). */
export const systemFraction = (): number => randomInt(0, 2 ** 47) / 2 ** 47;
