import { Batcher, type Clock, delay, type Failpoint, isUuid, type Log } from "../kernel/index.ts";
import type { DeliveryEvent } from "../mail/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { loadObserved, markLate, writeObserved } from "../spool/index.ts";
import { type Database, isRefused, type Lane } from "../store/index.ts";
import type { TakenNotice } from "./facts.ts";
import { keepForeign } from "./foreign.ts";
import { claimIds } from "./known-again.ts";
import { Plan, type PlanParts, type Told } from "./plan.ts";

export type RecorderParts = PlanParts & {
  database: Database;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  failpoint: Failpoint;
  /** Events were written that webhooks want. */
  onEvents(): void;
};

/** taken: written · seen: all of it was known · busy: a message of it is being worked on for too long. */
export type Recorded = "taken" | "seen" | "busy";

/**
 * Some 10 ms of the database: larger groups take no more a second, and accepts that come meanwhile wait longer
 * (bench/parts/notices.ts). A notice of ten thousand events is a group of its own.
 */
const GROUP_NOTICES = 64;
const GROUP_EVENTS = 500;
/** A settlement takes some milliseconds. */
const BUSY_MS = 20;
const BUSY_TRIES = 150;

/** Writes what notices say, in groups: one transaction with the ids by which they are known again. */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #lane: Lane;
  readonly #groups: Batcher<TakenNotice, Recorded>;
  #waiting = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#lane = parts.database.openLane("notices");
    this.#groups = new Batcher((notices) => this.#store(notices), {
      maxItems: GROUP_NOTICES,
      maxBytes: GROUP_EVENTS,
      sizeOf: (notice) => notice.events.length,
      mayBeOneItem: isRefused,
    });
  }

  /** Notices not yet written. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves after the commit. */
  async record(notice: TakenNotice): Promise<Recorded> {
    this.#waiting += 1;
    try {
      for (let n = 0; n < BUSY_TRIES; n += 1) {
        const recorded = await this.#groups.add(notice);
        if (recorded !== "busy") return recorded;
        await delay(this.#parts.clock, BUSY_MS);
      }
      return "busy";
    } finally {
      this.#waiting -= 1;
    }
  }

  async close(): Promise<void> {
    await this.#lane.close();
  }

  async #store(notices: readonly TakenNotice[]): Promise<Recorded[]> {
    const { clock, failpoint } = this.#parts;
    const now = clock.now();
    const { results, told, late, wake } = await this.#lane.transaction(async (execute) => {
      const { known, busy } = await loadObserved(
        execute,
        notices.flatMap(({ events }) => events.flatMap(idOf)),
      );
      const isBusy = ({ events }: TakenNotice): boolean =>
        busy.size > 0 && events.some(({ spoolId }) => busy.has(spoolId ?? ""));
      const free = notices.filter((notice) => !isBusy(notice));
      const fresh = await claimIds(execute, free, now);
      const plan = new Plan(this.#parts, known, now);
      const done = new Map<TakenNotice, Recorded>();
      for (const [index, notice] of free.entries()) {
        const ids = fresh[index]!;
        const isAllNew = ids.size === new Set(notice.ids).size;
        const events = isAllNew ? notice.events : await notice.eventsOf(ids);
        for (const event of events) plan.add(notice, event);
        done.set(notice, !isAllNew && events.length === 0 ? "seen" : "taken");
      }
      const changes = plan.finish();
      await writeObserved(execute, changes, now);
      await keepForeign(execute, plan.foreign, now);
      await markLate(
        execute,
        plan.late.map(({ spoolId }) => spoolId),
        now,
      );
      failpoint("notices.before-commit");
      return {
        results: notices.map((notice) => done.get(notice) ?? ("busy" as const)),
        told: plan.told,
        late: plan.late,
        wake: changes.events.some((event) => event.notify),
      };
    });
    failpoint("notices.after-commit");
    this.#tell(told);
    this.#tellLate(late.map(({ provider }) => provider));
    if (wake) this.#parts.onEvents();
    return results;
  }

  /** A provider lets go of what it held. */
  #tellLate(providers: readonly string[]): void {
    const { metrics, log } = this.#parts;
    for (const [provider, all] of Map.groupBy(providers, (one) => one)) {
      for (const one of all) metrics.lateCopy(one);
      log.warn("redrive.late-copies", { provider, copies: all.length });
    }
  }

  #tell(told: readonly Told[]): void {
    const { metrics, log } = this.#parts;
    const mismatched = new Map<string, number>();
    for (const { provider, type, match, ended } of told) {
      metrics.noticeEvent(provider, type, match === "ours" ? "ours" : match === "forgotten" ? "forgotten" : "foreign");
      for (const one of ended) metrics.ended(one.class, one.state, one.seconds);
      if (match === "mismatch") mismatched.set(provider, (mismatched.get(provider) ?? 0) + 1);
    }
    // Somebody who has the webhook's secret, or the account, makes things up.
    for (const [provider, events] of mismatched) log.warn("notice.attempt-unknown", { provider, events });
  }
}

const idOf = ({ spoolId }: DeliveryEvent): string[] => (spoolId !== null && isUuid(spoolId) ? [spoolId] : []);
