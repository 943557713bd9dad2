import { memoryOf, treeOf } from "../relay/process-tree.ts";

export type MemorySample = { atS: number; nodeMb: number };

const SAMPLE_MS = 500;
const MIB = 1_048_576;

/** Memory of one process as time goes on, and the peak of all that belongs to it. */
export class MemoryCurve {
  readonly samples: MemorySample[] = [];
  readonly #pid: number;
  readonly #roots: () => number[];
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #treePeak = 0;

  constructor(pid: number, roots: () => number[]) {
    this.#pid = pid;
    this.#roots = roots;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  get treePeakMb(): number {
    return this.#treePeak / MIB;
  }

  get elapsedS(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#sample();
  }

  #sample(): void {
    const memory = memoryOf([this.#pid]);
    if (memory === null) return;
    this.samples.push({ atS: this.elapsedS, nodeMb: memory / MIB });
    this.#treePeak = Math.max(this.#treePeak, memoryOf(treeOf(this.#roots())) ?? 0);
  }
}

/** The greatest of the samples in a span of time; 0 where there is none. */
export const peakBetween = (samples: readonly MemorySample[], fromS: number, toS: number): number =>
  Math.max(0, ...samples.filter(({ atS }) => atS >= fromS && atS <= toS).map(({ nodeMb }) => nodeMb));
