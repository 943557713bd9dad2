/**
 * What a bench started and has to take away again, however it ends. Steps run the last first; one that fails does not
 * stop the others.
 */
export class Undo {
  readonly #steps = new Set<() => Promise<void> | void>();

  /** @returns does the step now, instead of at the end. */
  add(step: () => Promise<void> | void): () => Promise<void> {
    this.#steps.add(step);
    return async () => {
      if (this.#steps.delete(step)) await step();
    };
  }

  /** One that can be done earlier as a whole: what one step of a bench started. */
  part(): Undo {
    const part = new Undo();
    this.#steps.add(() => part.all());
    return part;
  }

  async all(): Promise<void> {
    for (const step of [...this.#steps].toReversed()) {
      this.#steps.delete(step);
      try {
        await step();
      } catch (error) {
        process.stderr.write(`bench: not everything could be taken away: ${String(error)}\n`);
      }
    }
  }
}

/** Runs `work` and takes everything away after it, also after Ctrl-C, after a fault, and when it takes too long. */
export async function withUndo<Result>(atMostMinutes: number, work: (undo: Undo) => Promise<Result>): Promise<Result> {
  const undo = new Undo();
  let ending = false;
  const endNow = (why: string, code: number): void => {
    if (ending) return;
    ending = true;
    process.stderr.write(`\nbench: ${why}; taking everything away\n`);
    void undo.all().then(() => process.exit(code));
  };
  const onInterrupt = (): void => endNow("interrupted", 130);
  const onTerminate = (): void => endNow("terminated", 143);
  const onFault = (error: unknown): void => endNow(`failed: ${String((error as Error).stack ?? error)}`, 1);
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  process.on("uncaughtException", onFault);
  const bound = setTimeout(
    () => endNow(`not done after ${atMostMinutes} minutes (--at-most)`, 1),
    atMostMinutes * 60_000,
  );
  try {
    return await work(undo);
  } finally {
    clearTimeout(bound);
    // What fails while everything is taken away fails because of that; the process ends with its own code.
    if (ending) await new Promise(() => {});
    await undo.all();
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onTerminate);
    process.off("uncaughtException", onFault);
  }
}
