import { type Clock, type Log, MINUTE_MS } from "../kernel/index.ts";
import type { LeafMaker } from "../ledger/index.ts";
import type { State } from "../judge/index.ts";
import type { Database } from "../store/index.ts";
import { DRILL_BOUNDS } from "./bounds.ts";
import { guardFacts } from "./guard-facts.ts";
import { type GuardFacts, guardOf } from "./guard.ts";
import { completeAt, reportOf } from "./report.ts";
import { type Drill, type DrillEnd, endDrill, runningDrill, saveReport, unreportedDrills } from "./rows.ts";

export type DrillsParts = {
  database: Database;
  leaves: LeafMaker;
  /** How a provider stands as a whole. */
  stateOf(provider: string): State;
  /** The fastest burn of an error budget at this moment; null: none is kept, or none burns. */
  burn?(): GuardFacts["burn"];
  clock: Clock;
  log: Log;
};

/** What the node that leads does about drills: watches the one that runs, ends it, and writes down what it showed. */
export class Drills {
  readonly #parts: DrillsParts;
  #looksAt = Number.NEGATIVE_INFINITY;
  #reportsAt = Number.NEGATIVE_INFINITY;

  constructor(parts: DrillsParts) {
    this.#parts = parts;
  }

  /** Called once a second; looks every two. */
  async tick(now: number): Promise<void> {
    if (now < this.#looksAt) return;
    this.#looksAt = now + DRILL_BOUNDS.guardEveryMs;
    const { database, stateOf, burn } = this.#parts;
    const drill = await runningDrill(database);
    if (drill) {
      const facts = await guardFacts(database, drill, now, stateOf, burn?.() ?? null);
      const end = guardOf(drill, facts);
      if (end) await this.#end(drill, end, now);
    } else if (now >= this.#reportsAt) await this.#report(now);
  }

  async #end(drill: Drill, end: DrillEnd, now: number): Promise<void> {
    const { database, leaves, log } = this.#parts;
    // It was over on every node at that instant, also where the leader looked later.
    const at = end.by === "time" ? drill.untilAt : (drill.stopAskedAt ?? now);
    const ended = await database.transaction(async (tx) => {
      if (!(await endDrill(tx, drill.drillId, end, at))) return false;
      await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [
        new Date(now),
        leaves.drill({
          kind: "drill.ended",
          drill: drill.drillId,
          provider: drill.provider,
          at,
          detail: { by: end.by, ...texts(end.numbers) },
        }),
      ]);
      return true;
    });
    if (!ended) return;
    this.#reportsAt = now;
    const level = end.by === "time" || end.by === "operator" ? "info" : "warn";
    log[level]("drill.ended", { drill: drill.drillId, provider: drill.provider, by: end.by, ...end.numbers });
  }

  async #report(now: number): Promise<void> {
    const { database, log } = this.#parts;
    const due = await unreportedDrills(database);
    this.#reportsAt = Math.min(now + MINUTE_MS, ...due.map(completeAt).filter((at) => at > now));
    for (const drill of due.filter((one) => completeAt(one) <= now)) {
      await saveReport(database, drill.drillId, await reportOf(database, drill, now));
      log.info("drill.reported", { drill: drill.drillId, provider: drill.provider });
    }
  }
}

/** Every reader writes text alike. */
const texts = (numbers: DrillEnd["numbers"]): Record<string, string> =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
