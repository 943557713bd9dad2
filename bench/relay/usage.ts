import { cpuMsOf, memoryOf, treeOf } from "./process-tree.ts";

/** What a system's processes cost while something was measured. */
export type Usage = { cpuMs: number; peakMemoryMb: number | null; processes: number };

const SAMPLE_MS = 1_000;
/** Reading the memory of a hundred processes takes CPU from them: never more than this share of one core. */
const SAMPLING_SHARE = 0.02;
const MIB = 1_048_576;

/** Samples memory until it is ended. `roots` is asked again each time: a process may have been started anew. */
export class UsageMeter {
  readonly #roots: () => number[];
  readonly #cpuBefore: number;
  #timer: NodeJS.Timeout | undefined;
  #peak: number | null = null;
  #processes = 0;

  constructor(roots: () => number[]) {
    this.#roots = roots;
    this.#cpuBefore = cpuMsOf(treeOf(roots()));
    this.#plan(SAMPLE_MS);
  }

  /** The last sample is taken here, so that a short measurement has one. */
  end(): Usage {
    clearTimeout(this.#timer);
    this.#sample();
    return {
      cpuMs: cpuMsOf(treeOf(this.#roots())) - this.#cpuBefore,
      peakMemoryMb: this.#peak === null ? null : this.#peak / MIB,
      processes: this.#processes,
    };
  }

  #plan(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const before = performance.now();
      this.#sample();
      this.#plan(Math.max(SAMPLE_MS, (performance.now() - before) / SAMPLING_SHARE));
    }, delayMs);
  }

  #sample(): void {
    const tree = treeOf(this.#roots());
    const memory = memoryOf(tree);
    this.#processes = Math.max(this.#processes, tree.length);
    if (memory !== null) this.#peak = Math.max(this.#peak ?? 0, memory);
  }
}
