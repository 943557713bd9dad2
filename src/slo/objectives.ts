import type { ProviderSettings, Settings } from "../config/index.ts";
import { type Clock, type Log, MINUTE_MS, SECOND_MS, causeText } from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Database } from "../store/index.ts";
import { type Assurance, type StreamAssurance, readAssurance } from "./assurance.ts";
import { countMinute } from "./count-minute.ts";
import { fold } from "./counts.ts";
import { AT_ONCE, COUNTED_AFTER_MS, dueMinutes, lookBackFrom, minuteOf } from "./due-minutes.ts";
import { measuresOf } from "./measures.ts";
import { countedSince, firstAcceptedAt, writeMinute } from "./minute-rows.ts";
import { objectivesOf } from "./objective-of.ts";
import { tellAssurance } from "./tell-metrics.ts";
import { waitsOf } from "./waits.ts";

export type ObjectivesParts = {
  settings: Pick<Settings, "tenants" | "slo" | "retention">;
  /** As they run: of the lab's, the ones that were really started. */
  providers: readonly ProviderSettings[];
  database: Database;
  clock: Clock;
  log: Log;
  metrics: Metrics;
};

/** While there is more to count than a turn takes: after nobody led for a while. */
const BEHIND_EVERY_MS = 10 * SECOND_MS;
/** A budget that burns because of one or two messages is no reason to end anything. */
const LATE_AT_LEAST = 3;

/**
 * What is promised of mail, and whether it is kept.
 * 1. Once a minute, on the node that leads, minutes that are due are counted from rows.  2. Their counts take the place of what was known
 * of them; hours are added up anew.  3. Budgets and burn rates are made of the counts, and told as metrics.
 * Nothing of it is on a message's way: where it fails, counts are late and nothing else. After a restart, or on another node, the rows say
 * which minutes are due.
 * Operator sees: "slo.count-failed", "slo.behind", objective_* in /metrics, `postern slo`.
 */
export class Objectives {
  readonly #parts: ObjectivesParts;
  readonly #withinMs: number[];
  #dueAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  #kept: readonly StreamAssurance[] = [];

  constructor(parts: ObjectivesParts) {
    this.#parts = parts;
    const { tenants, slo } = parts.settings;
    this.#withinMs = [...new Set(objectivesOf(tenants, slo.objectives).map(({ objective }) => objective.withinMs))];
  }

  /** Once a second on the node that leads, beside what it decides. Never throws; while a turn is not over, the next one is the same. */
  tick(now: number): Promise<void> {
    if (now < this.#dueAt) return Promise.resolve();
    this.#running ??= this.#turn(now)
      .catch((error: unknown) => this.#parts.log.warn("slo.count-failed", { cause: causeText(error) }))
      .finally(() => (this.#running = null));
    return this.#running;
  }

  async stop(): Promise<void> {
    await this.#running;
  }

  /** The budget that burns fastest, of the last five minutes that are decided; null: none burns. Known on the node that leads. */
  burn(): { name: string; rate: number } | null {
    const burning = this.#kept.flatMap(({ tenant, stream, kept }) => {
      const { good, total } = kept.recent["5m"];
      return total - good < LATE_AT_LEAST ? [] : [{ name: `${tenant}/${stream}`, rate: kept.burn["5m"] }];
    });
    return burning.toSorted((a, b) => b.rate - a.rate)[0] ?? null;
  }

  /** @param tenant null: of all */
  assurance(tenant: string | null): Promise<Assurance> {
    const { settings, providers, database, clock } = this.#parts;
    return readAssurance(database.questions, { ...settings, providers }, tenant, clock.now());
  }

  async #turn(now: number): Promise<void> {
    this.#dueAt = minuteOf(now - COUNTED_AFTER_MS) + MINUTE_MS + COUNTED_AFTER_MS;
    const { database, settings, providers, metrics, log } = this.#parts;
    const keptMs = settings.retention.messageRowMs;
    const firstAt = await firstAcceptedAt(database.questions);
    const counted = await countedSince(database, lookBackFrom(now, keptMs));
    const due = dueMinutes({ now, counted, firstAt, withinMs: this.#withinMs, keptMs });
    if (due.length === AT_ONCE) {
      this.#dueAt = now + BEHIND_EVERY_MS;
      log.debug("slo.behind", { minutes: due.length });
    }
    if (due.length > 0) {
      const measureOf = await measuresOf(database, providers, now);
      // One by one: each is small, and what was counted stays where the next one fails.
      for (const minute of due) {
        const rows = fold(await countMinute(database.questions, minute), (provider) => measureOf(provider, minute));
        await database.transaction((tx) => writeMinute(tx, minute, rows, now));
      }
    }
    const all = await this.assurance(null);
    this.#kept = all.streams;
    tellAssurance(metrics, all, await waitsOf(database.questions, now));
  }
}
