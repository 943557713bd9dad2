/** What is to be undone at the end, the last built first; each step runs even when one before it failed. */
export class Ending {
  readonly #steps: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;

  /** Runs after all that is added later. */
  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  run(): Promise<void> {
    this.#running ??= (async () => {
      const failures: unknown[] = [];
      for (const step of this.#steps.toReversed()) await step().catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    })();
    return this.#running;
  }
}
