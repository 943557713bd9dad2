import type { AlertTargetSettings } from "../config/index.ts";
import { MINUTE_MS, SECOND_MS, every } from "../kernel/index.ts";
import { type Egress, createEgress } from "../notify/index.ts";
import { type Database, tellFailure } from "../store/index.ts";
import type { Alert, TryResult } from "./alert.ts";
import { Messenger, type MessengerParts } from "./messenger.ts";
import { endAlert } from "./rows/end-alert.ts";
import { followMail } from "./rows/follow-mail.ts";
import { countOpen } from "./rows/list-alerts.ts";
import { MOST_OPEN, openAlert } from "./rows/open-alert.ts";
import { planFollowing } from "./rows/plan-following.ts";
import { planRaised } from "./rows/plan-raised.ts";
import { planRepeats } from "./rows/plan-repeats.ts";
import { reopenAlert } from "./rows/reopen-alert.ts";
import { silencesOfOthers } from "./rows/silences-of-others.ts";
import { SILENT_AFTER_TRIES, silentKey, silentTarget } from "./silent-target.ts";

const LOOK_MS = SECOND_MS;
/** Looks between two countings of what is open, and between two looks at mail that tells. */
const LOOKS_PER_COUNT = 10;
/** Mail that told somebody leaves within seconds; one that waits longer tells nobody. */
const STUCK_MS = 2 * MINUTE_MS;
const STOP_GRACE_MS = 3 * SECOND_MS;

type AlertsParts = Omit<MessengerParts, "database" | "egress"> & {
  database: Database;
  /** For tests; closed at the end. */
  egress?: Pick<Egress, "post" | "close">;
};

/**
 * Tells people.
 * 1. An alert and what is to be told of it are one transaction.  2. Any node tells it, as often as it takes, so that neither
 * a crash nor a target that is away swallows it.  3. A page that nobody takes on is told again every half an hour.
 * 4. Its end is told to whom its beginning was, once it has been over for a while: what swings is one trouble.
 * 5. A target that takes nothing is an alert itself, and the others are told.
 * Operator sees: alerts_open, alert_tellings_total, "alert.raised", "alert.not-told", postern alerts, docs/alerts.md.
 */
export class Alerts {
  readonly #parts: AlertsParts;
  readonly #egress: Pick<Egress, "post" | "close">;
  readonly #messenger: Messenger;
  readonly #series: { stop(): Promise<void> };
  #looks = 0;
  #isFull = false;

  constructor(parts: AlertsParts) {
    const { clock, database, log, settings } = parts;
    this.#parts = parts;
    const { privateNetworks } = settings.alerts;
    this.#egress = parts.egress ?? createEgress({ clock, privateNetworks });
    this.#messenger = new Messenger({ ...parts, egress: this.#egress }, (target, tries, result) =>
      this.#tried(target, tries, result),
    );
    this.#series = every(clock, LOOK_MS, () => this.#look(), tellFailure(database, log, "alert.look-failed"));
  }

  async stop(): Promise<void> {
    await this.#series.stop();
    const timer = this.#parts.clock.after(STOP_GRACE_MS, () => this.#egress.close());
    await this.#messenger.idle();
    timer.cancel();
    this.#egress.close();
  }

  /** Of a key that is open already nothing new is told. */
  raise(alert: Alert): Promise<void> {
    return this.#raise(alert, null);
  }

  /** @param except the name of a target that is not told */
  async #raise(alert: Alert, except: string | null): Promise<void> {
    const { database, clock, log } = this.#parts;
    const settings = this.#parts.settings.alerts;
    const now = clock.now();
    const wanting = settings.targets.filter(
      ({ name, severities }) => name !== except && severities.includes(alert.severity),
    );
    const opened = await database.transaction(async (tx) => {
      if (await reopenAlert(tx, alert.key, now - settings.quietMs)) return "open";
      const id = await openAlert(tx, alert, now);
      const names = wanting.map(({ name }) => name);
      if (typeof id === "number") await planRaised(tx, id, names, now);
      return id;
    });
    if (opened === "full") return this.#tellFull();
    this.#isFull = false;
    if (opened !== "open")
      log.warn("alert.raised", { key: alert.key, severity: alert.severity, sentence: alert.sentence });
  }

  /** Of a key that is not open nothing happens. */
  async resolve(key: string): Promise<void> {
    const { database, clock, log } = this.#parts;
    const { quietMs } = this.#parts.settings.alerts;
    const now = clock.now();
    const isOver = await database.transaction(async (tx) => {
      const id = await endAlert(tx, key, now);
      if (id !== null) await planFollowing(tx, id, "resolved", now + quietMs);
      return id !== null;
    });
    if (!isOver) return;
    log.info("alert.resolved", { key });
  }

  async #look(): Promise<void> {
    const { database, clock, metrics } = this.#parts;
    const settings = this.#parts.settings.alerts;
    const now = clock.now();
    if (this.#looks++ % LOOKS_PER_COUNT === 0) {
      const open = await countOpen(database);
      metrics.alertsOpen("page", open.page);
      metrics.alertsOpen("notice", open.notice);
      if (settings.targets.some(({ kind }) => kind === "mail")) await this.#followMail(now);
      const keys = settings.targets.map(({ name }) => silentKey(name));
      for (const key of open.page + open.notice === 0 ? [] : await silencesOfOthers(database, keys))
        await this.resolve(key);
    }
    if (settings.targets.length === 0) return;
    await planRepeats(database, settings.repeat, now - settings.repeatEveryMs, now);
    await this.#messenger.look();
  }

  async #followMail(now: number): Promise<void> {
    const { database, log, metrics } = this.#parts;
    const { targets } = this.#parts.settings.alerts;
    for (const { target: name, end, state } of await followMail(database, now - STUCK_MS)) {
      const target = targets.find((one) => one.name === name);
      if (end === "lost") {
        log.error("alert.not-told", { target: name, kind: "mail", cause: `the mail ended as ${state}` });
        metrics.alertTelling("mail", "gave-up");
      }
      if (!target) continue;
      if (end === "left") await this.resolve(silentKey(name));
      else await this.#raise(silentTarget(target, `the mail is ${state}`, {}, now), name);
    }
  }

  /** One that takes nothing is told to the others; it is well again once it takes something. */
  async #tried(target: AlertTargetSettings, tries: number, result: TryResult): Promise<void> {
    const { clock } = this.#parts;
    if (result.kind === "taken") return target.kind === "mail" ? undefined : this.resolve(silentKey(target.name));
    if (!result.isRefusal && tries < SILENT_AFTER_TRIES) return;
    await this.#raise(silentTarget(target, result.error, { tries }, clock.now()), target.name);
  }

  #tellFull(): void {
    if (!this.#isFull) this.#parts.log.error("alert.full", { most: MOST_OPEN });
    this.#isFull = true;
  }
}
