import { Account, type StatusAnswer } from "./account.ts";
import type { Evidence } from "./evidence.ts";
import type { Assumed } from "./parameters.ts";
import type { Input, Standing } from "./standing/index.ts";
import { Trial } from "./trial.ts";

const ASK_STATUS_EVERY_MS = 60_000;

/** What brings a provider back: canaries in a row and clean pages while DOWN, a passed test at each step while PROBING. */
export class WayBack {
  readonly #assumed: Assumed;
  readonly #account: Account;
  readonly #trial: Trial;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(assumed: Assumed) {
    this.#assumed = assumed;
    this.#account = new Account(assumed.statusPatienceMs);
    this.#trial = new Trial(assumed);
  }

  polled(at: number, answer: StatusAnswer): void {
    this.#account.polled(at, answer);
  }

  postured(answer: Extract<Evidence, { kind: "posture" }>["answer"]): void {
    this.#account.postured(answer);
  }

  canaryEnded(sentAt: number, missed: boolean, standing: Standing): void {
    this.#trial.saw(sentAt, missed, standing);
  }

  /** @param inARow canaries that arrived in a row; null: there are no receivers of ours, and nobody to tell */
  next(now: number, standing: Standing, inARow: number | null): Input | "ask-status" | null {
    const { state, since, stepAt } = standing;
    const { probing, dwell, test } = this.#assumed;
    if (state === "SUSPECT") return { kind: "time", at: now, numbers: { waitedS: (now - since) / 1_000 } };
    if (state === "PROBING") {
      const { answer, nats, trials } = this.#trial.of(standing);
      if (answer === "lossy") {
        const numbers = { nats, canaries: trials, missShare: test.missUnderTest };
        return { kind: "partial-loss", at: now, numbers };
      }
      if (answer === "undecided" && inARow !== null) return null;
      return { kind: "time", at: now, numbers: { waitedS: (now - stepAt) / 1_000 } };
    }
    if (state !== "DOWN" || now - since < dwell.firstMs) return null;
    if (inARow !== null && inARow < probing.canariesInARow) return null;
    const allows = this.#account.allowsTrial(now, since);
    if (allows === "yes")
      return inARow === null
        ? { kind: "untested", at: now, numbers: {} }
        : { kind: "canaries-in-a-row", at: now, numbers: { canaries: inARow } };
    if (allows === "no" || now - this.#askedAt < ASK_STATUS_EVERY_MS) return null;
    this.#askedAt = now;
    return "ask-status";
  }
}
