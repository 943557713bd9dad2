import { createHash } from "node:crypto";
import type { AcceptPort } from "../accept/index.ts";
import type { AlertTargetSettings, Settings } from "../config/index.ts";
import { type Clock, type Log, type Random, SECOND_MS, causeText } from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Egress } from "../notify/index.ts";
import type { Queryable } from "../store/index.ts";
import { affectedStreams } from "./affected.ts";
import type { DueTelling, TryResult } from "./alert.ts";
import { callFor } from "./dialects/index.ts";
import { nextTryMs } from "./retry.ts";
import { leaseTellings } from "./rows/lease-tellings.ts";
import { settleTelling } from "./rows/settle-telling.ts";
import { tellByHttp } from "./tell-by-http.ts";
import { tellByMail } from "./tell-by-mail.ts";
import { wordingOf } from "./wording.ts";

/** A call ends after twice the deadline of egress at the latest. */
const LEASE_MS = 60 * SECOND_MS;
/** To one target; the rest of a storm follows when these have ended. */
const AT_ONCE = 4;

export type MessengerParts = {
  /** `hostname`: who tells. */
  settings: Pick<Settings, "alerts" | "tenants" | "providers" | "hostname">;
  database: Queryable;
  egress: Pick<Egress, "post">;
  /** Where mail to people is accepted. */
  port: Pick<AcceptPort, "accept">;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
};

/** Hears whether a target takes what it is told. */
export type OnTried = (target: AlertTargetSettings, tries: number, result: TryResult) => Promise<void>;

/**
 * Tells targets what is due. Each has a line of its own: one that is slow or away costs the others nothing.
 * The same telling may come twice, under the same id: a crash between an answer and its record.
 */
export class Messenger {
  readonly #parts: MessengerParts;
  readonly #onTried: OnTried;
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(parts: MessengerParts, onTried: OnTried) {
    this.#parts = parts;
    this.#onTried = onTried;
  }

  /** Begins what is due of targets that are not being told at this moment. */
  async look(): Promise<void> {
    const { database, clock } = this.#parts;
    const { targets } = this.#parts.settings.alerts;
    const free = targets.map(({ name }) => name).filter((name) => !this.#busy.has(name));
    if (free.length === 0) return;
    const now = clock.now();
    const due = await leaseTellings(database, free, now, now + LEASE_MS, AT_ONCE);
    for (const [name, tellings] of Map.groupBy(due, (one) => one.target)) {
      const target = targets.find((one) => one.name === name)!;
      const work = Promise.all(tellings.map((one) => this.#tell(one, target)));
      this.#busy.set(
        name,
        work.finally(() => this.#busy.delete(name)),
      );
    }
  }

  /** Once nothing is on its way any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  async #tell(due: DueTelling, target: AlertTargetSettings): Promise<void> {
    const { log } = this.#parts;
    const about = {
      target: target.name,
      kind: target.kind,
      key: due.alert.key,
      telling: due.telling,
      tries: due.tries,
    };
    try {
      const result = await this.#try(due, target);
      await this.#settle(due, target, result, about);
      await this.#onTried(target, due.tries, result);
    } catch (error) {
      // Not written down: the lease runs out and it is tried again.
      log.debug("alert.not-settled", { ...about, cause: causeText(error) });
    }
  }

  async #settle(
    due: DueTelling,
    { kind }: AlertTargetSettings,
    result: TryResult,
    about: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    const { database, clock, random, log, metrics } = this.#parts;
    if (result.kind === "taken") {
      const { answer, spoolId } = result;
      await settleTelling(
        database,
        due,
        spoolId === undefined ? { state: "delivered", answer } : { state: "mailed", answer, spoolId },
      );
      metrics.alertTelling(kind, "delivered");
      return log.info("alert.told", about);
    }
    const waitMs = nextTryMs(due.tries, result.retryAfterMs, random);
    if (waitMs === null) {
      await settleTelling(database, due, { state: "gave-up", error: result.error });
      metrics.alertTelling(kind, "gave-up");
      return log.error("alert.not-told", { ...about, cause: result.error });
    }
    await settleTelling(database, due, { state: "waiting", error: result.error, dueAt: clock.now() + waitMs });
    metrics.alertTelling(kind, "failed");
    log.warn("alert.telling-failed", { ...about, cause: result.error });
  }

  async #try(due: DueTelling, target: AlertTargetSettings): Promise<TryResult> {
    const { egress, port, clock, random } = this.#parts;
    const { alerts, tenants, providers, hostname: source } = this.#parts.settings;
    const now = clock.now();
    const isRepeated = alerts.repeat.includes(due.alert.severity);
    const wording = wordingOf(due, affectedStreams(due.alert, tenants), now, isRepeated);
    const facts = { ...due, id: idOf(due), tellingId: tellingIdOf(due), source, wording, now };
    const call = callFor(facts, target);
    return call ? tellByHttp(egress, call) : tellByMail({ port, providers, random }, facts, target);
  }
}

/** Receivers know trouble again by it, and nothing of ours besides. */
const idOf = ({ alertId, alert }: Pick<DueTelling, "alertId" | "alert">): string =>
  `postern_${createHash("sha256").update(`${alertId} ${alert.key}`).digest("hex").slice(0, 32)}`;

/** A repetition is another telling each time. */
const tellingIdOf = (due: DueTelling): string =>
  `${idOf(due)}_${due.telling}${due.telling === "repeated" ? `_${due.toldAt ?? 0}` : ""}`;
