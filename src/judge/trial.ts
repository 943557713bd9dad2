import { type Sprt, afterTrial, newSprt } from "./detectors/sprt.ts";
import type { Assumed } from "./parameters.ts";
import type { Standing } from "./standing/index.ts";

/**
 * Each step of the way back is a test on purpose: canaries that were handed off in it are Wald's trials. It is passed once
 * they say "healthy" and the step's time is over; "lossy" ends the whole trial. A CUSUM never says that all is well.
 */
export class Trial {
  readonly #assumed: Assumed;
  #test: Sprt = newSprt();
  #stepAt = Number.NaN;

  constructor(assumed: Assumed) {
    this.#assumed = assumed;
  }

  /** A canary ended; one of an earlier step says nothing of this one. */
  saw(sentAt: number, missed: boolean, standing: Standing): void {
    if (standing.state !== "PROBING") return;
    this.#follow(standing);
    if (sentAt >= standing.stepAt)
      this.#test = afterTrial(this.#test, missed, {
        missAsUsual: this.#assumed.loss.missAsUsual,
        ...this.#assumed.test,
      });
  }

  of(standing: Standing): Sprt {
    this.#follow(standing);
    return this.#test;
  }

  #follow({ stepAt }: Standing): void {
    if (stepAt === this.#stepAt) return;
    this.#stepAt = stepAt;
    this.#test = newSprt();
  }
}
