import { OWN } from "../own.ts";
import { Cusum } from "./cusum.ts";

/**
 * A CUSUM over all of a provider's mail, and one for each group of receivers beside it: a group that takes hours to accept
 * mail is its own incident and not its provider's, so what is left without the worst group has to speak too. Canaries to
 * receivers of ours are never put aside.
 */
const GROUPS_MAX = 32;

export class LossTest {
  readonly missUnderTest: number;
  readonly #missAsUsual: number;
  readonly #all: Cusum;
  readonly #groups = new Map<string, Cusum>();

  constructor(missUnderTest: number, missAsUsual: number, thresholdNats: number) {
    this.missUnderTest = missUnderTest;
    this.#missAsUsual = missAsUsual;
    this.#all = new Cusum(missUnderTest, missAsUsual, thresholdNats);
  }

  retune(thresholdNats: number): void {
    this.#all.retune(thresholdNats);
    for (const group of this.#groups.values()) group.retune(thresholdNats);
  }

  hit(group: string, count: number): void {
    this.#all.hit(count);
    this.#of(group)?.hit(count);
  }

  miss(group: string): void {
    this.#all.miss();
    this.#of(group)?.miss();
  }

  late(group: string): void {
    this.#all.late();
    this.#of(group)?.late();
  }

  get nats(): number {
    return this.#all.nats;
  }

  get thresholdNats(): number {
    return this.#all.thresholdNats;
  }

  get alarmed(): boolean {
    return this.#all.alarmed && this.#withoutWorst() >= this.#all.thresholdNats / 2;
  }

  #withoutWorst(): number {
    let sum = 0;
    let worst = 0;
    for (const [name, { nats }] of this.#groups) {
      sum += nats;
      if (name !== OWN) worst = Math.max(worst, nats);
    }
    return sum - worst;
  }

  #of(group: string): Cusum | undefined {
    const known = this.#groups.get(group);
    if (known || this.#groups.size >= GROUPS_MAX) return known;
    const made = new Cusum(this.missUnderTest, this.#missAsUsual, this.#all.thresholdNats);
    this.#groups.set(group, made);
    return made;
  }
}
