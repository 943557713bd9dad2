import { AgeSurvival, type Silent } from "./age-survival.ts";

/**
 * Loss of one kind of mail while the rest arrives: a provider's filter that swallows password resets, or one
 * destination that takes nothing. The same test, once per name (stream or receivers' group), refuted only by arrivals
 * of that name. It never says anything about the provider as a whole.
 */
const NAMES_MAX = 256;

export class Selective {
  /** In the order of their first message: who was first seen longest ago makes room. */
  readonly #tests = new Map<string, AgeSurvival>();
  readonly #contributionNats: number;

  constructor(contributionNats: number) {
    this.#contributionNats = contributionNats;
  }

  handedOff(at: number, name: string, group: string, curve: Float64Array): void {
    let test = this.#tests.get(name);
    if (!test) {
      test = new AgeSurvival(this.#contributionNats);
      if (this.#tests.size >= NAMES_MAX) this.#tests.delete(this.#tests.keys().next().value!);
      this.#tests.set(name, test);
    }
    test.handedOff(at, group, curve);
  }

  arrived(sentAt: number, name: string): void {
    this.#tests.get(name)?.arrived(sentAt);
  }

  /** Names whose silence reaches `thresholdNats`, which the caller has raised by ln(names). */
  silent(now: number, thresholdNats: number): { name: string; silent: Silent }[] {
    const found: { name: string; silent: Silent }[] = [];
    for (const [name, test] of this.#tests)
      if (test.nats(now) >= thresholdNats) found.push({ name, silent: test.at(now) });
    return found;
  }

  get size(): number {
    return this.#tests.size;
  }
}
