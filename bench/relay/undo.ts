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

/** Runs `work` and takes everything away after it, also after Ctrl-C and when it takes too long. */
export async function withUndo<Result>(atMostMinutes: number, work: (undo: Undo) => Promise<Result>): Promise<Result> {
  const undo = new Undo();
  let asked = false;
  const endAll = (why: string, code: number): void => {
    if (asked) process.exit(code);
    asked = true;
    process.stderr.write(`\nbench: ${why}; taking everything away\n`);
    void undo.all().then(() => process.exit(code));
  };
  const onSignal = (signal: NodeJS.Signals): void => endAll(signal, signal === "SIGINT" ? 130 : 143);
  const bound = setTimeout(
    () => endAll(`not done after ${atMostMinutes} minutes (--at-most)`, 1),
    atMostMinutes * 60_000,
  );
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await work(undo);
  } finally {
    clearTimeout(bound);
    if (!asked) await undo.all();
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
