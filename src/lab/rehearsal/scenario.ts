import type { World, WorldPlan } from "./world.ts";

/** What was measured in one run: for each name its observations. Runs of other seeds are added to them. */
export type Sample = Record<string, readonly number[]>;

/**
 * A scenario: a file in scenarios/ and a line in scenarios/index.ts.
 * 1. `plan` says what the world is made of; what it leaves out is as usual (three twins, ten messages a minute of four classes).
 * 2. `run` lets mail flow, makes something go wrong and measures. It waits by `world.pass` and `world.passUntil` only.
 * 3. `thresholds` are held against all seeds' observations together.
 * The invariants I1 to I6 are checked after each run by the harness.
 */
export type Scenario = {
  /** As people call it: S03. */
  name: string;
  title: string;
  /** What it shows, in a sentence. */
  shows: string;
  plan?: WorldPlan | ((seed: number) => WorldPlan);
  run(world: World): Promise<Sample>;
  /**
   * Besides, what needs months and not minutes, and so no program but its judge alone; once, with all seeds. Its
   * observations join those of the runs.
   */
  study?(wish: { seeds: number; firstSeed: number }): Promise<Sample>;
  /** Runs of the program at most, where a study has the figures and the runs are there for the invariants. */
  runsAtMost?: number;
  thresholds: readonly Threshold[];
  /** The measurement whose distribution is drawn for people, in its unit. */
  chart?: { measurement: string; unit: string };
};

export type Threshold = {
  name: string;
  /** What is held against the limit; NaN (nothing was measured) never holds. */
  value(observed: Observed): number;
  limit: number;
  /** It must reach the limit instead of staying within it. */
  atLeast?: true;
};

/** All observations of all seeds. */
export class Observed {
  readonly #all: Readonly<Record<string, readonly number[]>>;

  constructor(all: Readonly<Record<string, readonly number[]>>) {
    this.#all = Object.fromEntries(
      Object.entries(all).map(([name, values]) => [name, values.toSorted((a, b) => a - b)]),
    );
  }

  get names(): string[] {
    return Object.keys(this.#all);
  }
  /** Ascending. */
  of(name: string): readonly number[] {
    return this.#all[name] ?? [];
  }
  count(name: string): number {
    return this.of(name).length;
  }
  sum(name: string): number {
    return this.of(name).reduce((sum, one) => sum + one, 0);
  }
  mean(name: string): number {
    return this.sum(name) / this.count(name);
  }
  most(name: string): number {
    return this.of(name).at(-1) ?? Number.NaN;
  }
  least(name: string): number {
    return this.of(name)[0] ?? Number.NaN;
  }
  /** The smallest observation that `share` of all do not exceed. */
  quantile(name: string, share: number): number {
    const values = this.of(name);
    return values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN;
  }
  p95(name: string): number {
    return this.quantile(name, 0.95);
  }
}

export const seconds = (ms: number): number => Math.round(ms) / 1_000;
