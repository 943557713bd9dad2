/**
 * Time as a parameter. Everything that waits or stamps asks a Clock, so that one virtual clock can run
 * a month of mail in a minute and no test ever sleeps.
 */
export type Timer = { cancel(): void };

export type Clock = {
  /** Wall clock, milliseconds since the Unix epoch. For stamps that people read and rows that other nodes read. */
  now(): number;
  /** Milliseconds that only ever rise, unrelated to the wall clock. For durations and leases held in this process. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`. */
  after(delayMs: number, task: () => void): Timer;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** The same, for what alone is no reason to stay alive: its timers let the process end. */
export const backgroundClock: Clock = {
  ...systemClock,
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs).unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `delayMs` on `clock`. */
export const delay = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });

/**
 * Runs `task` again and again, `intervalMs` after the previous run ended, until stopped.
 * A run that fails goes to `onError` and does not end the series.
 */
export function every(
  clock: Clock,
  intervalMs: number,
  task: () => Promise<void>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  let stopped = false;
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();
  const plan = () => {
    if (stopped) return;
    timer = clock.after(intervalMs, () => {
      running = task().catch(onError).then(plan);
    });
  };
  plan();
  return {
    async stop() {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}
