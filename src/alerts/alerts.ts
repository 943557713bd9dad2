import { createHash } from "node:crypto";
import type { AlertSettings } from "../config/index.ts";
import { type Clock, type Log, type Random, SECOND_MS, every } from "../kernel/index.ts";
import { type Egress, verdictOf } from "../notify/index.ts";
import { type Database, tellFailure } from "../store/index.ts";
import type { Alert } from "./alert.ts";
import { callFor } from "./dialects.ts";
import { type DueTelling, closeAlert, leaseTellings, openAlert, planTellings, settleTelling } from "./rows.ts";

const LOOK_MS = SECOND_MS;
/** Longer than a call may take. */
const LEASE_MS = 60 * SECOND_MS;
const AT_ONCE = 16;

export type AlertsParts = {
  settings: AlertSettings;
  database: Database;
  egress: Pick<Egress, "post">;
  /** This installation's name. */
  source: string;
  clock: Clock;
  random: Random;
  log: Log;
};

/**
 * Tells people. An alert and what is to be told of it are one transaction; any node tells it, as often as it takes, so
 * that neither a crash nor a receiver that is away swallows it. The same telling may come twice, under the same id.
 */
export class Alerts {
  readonly #parts: AlertsParts;
  readonly #series: { stop(): Promise<void> };

  constructor(parts: AlertsParts) {
    this.#parts = parts;
    const { clock, database, log } = parts;
    this.#series = every(clock, LOOK_MS, () => this.#tell(), tellFailure(database, log, "alert.look-failed"));
  }

  async stop(): Promise<void> {
    await this.#series.stop();
  }

  /** Of a key that is open already nothing new is told. */
  async raise(alert: Alert): Promise<void> {
    const { database, clock, log } = this.#parts;
    const isNew = await database.transaction(async (tx) => {
      const id = await openAlert(tx, alert);
      if (id !== null) await planTellings(tx, id, "raised", this.#targetsOf(alert.severity), clock.now());
      return id !== null;
    });
    if (isNew) log.warn("alert.raised", { key: alert.key, severity: alert.severity, sentence: alert.sentence });
  }

  /** Of a key that is not open nothing happens. */
  async resolve(key: string): Promise<void> {
    const { database, clock, log } = this.#parts;
    const now = clock.now();
    const isOver = await database.transaction(async (tx) => {
      const closed = await closeAlert(tx, key, now);
      if (closed) await planTellings(tx, closed.id, "resolved", this.#targetsOf(closed.severity), now);
      return closed !== null;
    });
    if (isOver) log.info("alert.resolved", { key });
  }

  #targetsOf(severity: Alert["severity"]): string[] {
    return this.#parts.settings.targets.flatMap(({ name, severities }) =>
      severities.includes(severity) ? [name] : [],
    );
  }

  async #tell(): Promise<void> {
    const { database, clock } = this.#parts;
    if (this.#parts.settings.targets.length === 0) return;
    const now = clock.now();
    const due = await leaseTellings(database, now, now + LEASE_MS, AT_ONCE);
    await Promise.all(due.map((one) => this.#tellOne(one)));
  }

  async #tellOne(due: DueTelling): Promise<void> {
    const { database, settings, egress, source, clock, random, log } = this.#parts;
    const target = settings.targets.find(({ name }) => name === due.target);
    if (!target) return settleTelling(database, due, { state: "gave-up", error: "no such target any more" });
    const call = callFor({ alert: due.alert, telling: due.telling, id: idOf(due), source, now: clock.now() }, target);
    const verdict = verdictOf(await egress.post(call.url, call.headers, call.body), due.tries, clock.now(), random);
    const about = {
      target: target.name,
      kind: target.kind,
      key: due.alert.key,
      telling: due.telling,
      tries: due.tries,
    };
    switch (verdict.kind) {
      case "delivered":
        log.info("alert.told", about);
        return settleTelling(database, due, { state: "delivered", error: null });
      case "gave-up":
        log.error("alert.not-told", { ...about, cause: verdict.error });
        return settleTelling(database, due, { state: "gave-up", error: verdict.error });
      case "again":
        log.warn("alert.telling-failed", { ...about, cause: verdict.error });
        return settleTelling(database, due, { state: "waiting", error: verdict.error, dueAt: verdict.dueAt });
      case "released":
        return;
    }
  }
}

/** Receivers know trouble again by it, and nothing of ours besides. */
const idOf = ({ alertId, alert }: { alertId: number; alert: Alert }): string =>
  `postern_${createHash("sha256").update(`${alertId} ${alert.key}`).digest("hex").slice(0, 32)}`;
