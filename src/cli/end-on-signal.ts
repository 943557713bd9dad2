import { END_SIGNALS, type EndSignal, type World } from "./world.ts";

/**
 * npm passes Ctrl-C on to a program that the terminal has told already, so one press arrives twice within
 * milliseconds. A person who means it presses again later than this.
 */
const SAME_PRESS_MS = 500;

export type Ending = {
  /** The first signal. */
  signal: Promise<EndSignal>;
  readonly asked: boolean;
};

/** The first signal asks for a calm end; a second one ends the process at once, after `lastWords`. */
export function endOnSignal(
  { onSignal, exitNow, clock }: Pick<World, "onSignal" | "exitNow" | "clock">,
  lastWords: () => void,
): Ending {
  const { promise, resolve } = Promise.withResolvers<EndSignal>();
  let askedAt: number | null = null;
  onSignal((signal) => {
    const now = clock.monotonicMs();
    if (askedAt === null) {
      askedAt = now;
      resolve(signal);
    } else if (now - askedAt > SAME_PRESS_MS) {
      lastWords();
      exitNow(128 + END_SIGNALS[signal]); // as a shell reports a program ended by a signal
    }
  });
  return {
    signal: promise,
    get asked() {
      return askedAt !== null;
    },
  };
}
