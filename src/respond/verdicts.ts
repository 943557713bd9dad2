import { type Clock, type Log, causeText } from "../kernel/index.ts";
import type { LeafMaker } from "../ledger/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { type StandingBoard, type StandingChange, type StandingRow, saveStanding } from "../standing/index.ts";
import type { Database } from "../store/index.ts";
import { alertsOf } from "./alerts-of.ts";
import type { ResponsePorts } from "./ports.ts";

export type VerdictParts = {
  database: Database;
  board: StandingBoard;
  leaves: LeafMaker;
  ports: () => ResponsePorts;
  clock: Clock;
  log: Log;
  metrics: Metrics;
};

/** The verdict on one that says "delivered" of what did not arrive. */
const LYING = "contradiction";
/** Withdraws a provider from all mail. */
const WITHDRAWN: ReadonlySet<string> = new Set(["DOWN", "QUARANTINED"]);

/**
 * Makes verdicts true. 1. Row and ledger leaf in one commit, bound to the change that this node knew as the last.
 * 2. This node obeys at once, the others within half a second.  3. People are told; mail that was lost is ordered again.
 */
export class Verdicts {
  readonly #parts: VerdictParts;
  readonly #lastChange = new Map<string, number>();
  /** Since when a scope's mail is in doubt: remembered from the suspicion on. */
  readonly #doubtedSince = new Map<string, number>();

  constructor(parts: VerdictParts, standings: readonly StandingRow[]) {
    this.#parts = parts;
    for (const row of standings) {
      this.#lastChange.set(keyOf(row), row.changeId);
      this.#note(row.provider, row.scope, row.standing);
    }
  }

  /** @returns false where another node wrote a verdict meanwhile: then this one no longer leads */
  async write(change: StandingChange): Promise<boolean> {
    const { database, board, leaves, clock } = this.#parts;
    const { provider, scope, from, standing } = change;
    const key = keyOf(change);
    const at = clock.now();
    const changeId = await database.transaction(async (tx) => {
      const saved = await saveStanding(tx, change, at, this.#lastChange.get(key) ?? 0);
      if (saved === null) return null;
      const leaf = leaves.standing({
        change: saved,
        provider,
        scope,
        from,
        to: standing.state,
        cause: standing.because.kind,
        numbers: standing.because.numbers,
        at,
      });
      await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [new Date(at), leaf]);
      return saved;
    });
    if (changeId === null) return false;
    this.#lastChange.set(key, changeId);
    board.set({ provider, scope, standing, changeId });
    this.#tell(change);
    this.#note(provider, scope, standing);
    await this.#respond(change);
    return true;
  }

  /** What follows from verdicts that stood before this node led: whoever led before may not have come to it. */
  async again(standings: readonly StandingRow[]): Promise<void> {
    for (const { provider, scope, standing } of standings)
      if (standing.state !== "HEALTHY") await this.#respond({ provider, scope, from: "HEALTHY", standing });
  }

  /** One response that fails must not keep the others from happening. */
  async #respond(change: StandingChange): Promise<void> {
    const { log } = this.#parts;
    const { provider, scope, from, standing } = change;
    const { alerts, redrive } = this.#parts.ports();
    const tried = async (what: string, work: () => Promise<void>): Promise<void> => {
      await work().catch((error: unknown) =>
        log.error("respond.failed", { what, provider, scope, cause: causeText(error) }),
      );
    };
    if (redrive && from !== standing.state && WITHDRAWN.has(standing.state)) {
      const verdictAt = standing.since;
      const sinceAt = Math.min(verdictAt, this.#doubtedSince.get(keyOf(change)) ?? verdictAt);
      const reason = standing.because.kind;
      await tried("redrive", () =>
        redrive.order({ provider, scope, sinceAt, verdictAt, reason, ...(reason === LYING ? { lying: true } : {}) }),
      );
    }
    if (!alerts) return;
    const { raise, resolve } = alertsOf(change);
    for (const alert of raise) await tried("alert", () => alerts.raise(alert));
    for (const one of resolve) await tried("alert", () => alerts.resolve(one));
  }

  #note(provider: string, scope: string, { state, since, because }: StandingChange["standing"]): void {
    const key = keyOf({ provider, scope });
    const { sinceAt } = because.numbers;
    if (state === "HEALTHY") this.#doubtedSince.delete(key);
    else if (typeof sinceAt === "number") this.#doubtedSince.set(key, sinceAt);
    else if (!this.#doubtedSince.has(key)) this.#doubtedSince.set(key, since);
  }

  #tell({ provider, scope, from, standing }: StandingChange): void {
    const { log, metrics } = this.#parts;
    const { state, because } = standing;
    metrics.standing(provider, scope, state);
    if (from === state) return log.info("standing.stepped", { provider, scope, state, step: standing.step });
    log[state === "HEALTHY" || state === "PROBING" ? "info" : "warn"]("standing.changed", {
      provider,
      scope,
      from,
      to: state,
      cause: because.kind,
      sentence: because.sentence,
    });
  }
}

const keyOf = ({ provider, scope }: { provider: string; scope: string }): string => `${provider} ${scope}`;
