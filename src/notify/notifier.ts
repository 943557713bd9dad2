import type { TenantSettings } from "../config/index.ts";
import {
  Batcher,
  causeText,
  type Clock,
  type Log,
  MINUTE_MS,
  type NodeId,
  type Random,
  SECOND_MS,
  type Timer,
} from "../kernel/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Database, Lane } from "../store/index.ts";
import { enoughFor } from "./dialects/index.ts";
import { createEgress, type Egress, type EgressParts, targetOf } from "./egress/index.ts";
import { type Hook, Hooks } from "./hooks.ts";
import { type LeasedDelivery, leaseDeliveries } from "./lease-deliveries.ts";
import { loadEvents } from "./load-events.ts";
import { EVENTS_AT_ONCE, makeDeliveries } from "./make-deliveries.ts";
import type { EventFacts } from "./payload.ts";
import { type Settled, settleDeliveries } from "./settle-deliveries.ts";
import { giveUpForgotten } from "./sweep-deliveries.ts";
import { Teller } from "./teller.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

export type NotifierParts = {
  database: Database;
  tenants: readonly TenantSettings[];
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
  node: NodeId;
  /** How to get out, for tests; production takes the defaults of egress/. */
  egress?: Omit<EgressParts, "clock">;
};

export type Notifier = {
  /** Leases nothing more, gives what is on its way a few seconds, hands the rest to other nodes. */
  stop(): Promise<void>;
  /** Look at once instead of at the next turn. */
  wake(): void;
  /** Something was just written that a webhook wants: look soon. Called as often as it happens. */
  wakeSoon(): void;
};

/** Other nodes' events and retries that have come due are found this late at most. */
const LOOK_MS = SECOND_MS;
/** Events of this node are told after this long: ten looks a second at most, however many there are. */
const SOON_MS = 100;
/** Without a webhook there is nothing to do but to clear what a former configuration left. */
const LOOK_WITHOUT_WEBHOOKS_MS = MINUTE_MS;
/** A try ends after twice the egress deadline at the latest (a kept connection that broke is replaced once). */
const LEASE_MS = MINUTE_MS;
const FORGOTTEN_MS = 10 * MINUTE_MS;
const STOP_GRACE_MS = 3 * SECOND_MS;

/**
 * Tells tenants' webhooks what happened to their messages.
 * 1. Events marked `notify` become deliveries, one per webhook that wants them.  2. Due deliveries are leased, per webhook.
 * 3. Each is put into the webhook's words, signed and POSTed.  4. It is settled: delivered, due again, or given up.
 * Invariants: at least once, with a webhook-id that stays the same; any number of nodes share the work; a receiver that
 * is slow or down holds up no other. Standard Webhooks 1.0.0.
 * Operator sees: postern_webhook_deliveries_total, "webhook.failed", "webhook.gave-up".
 */
export function startNotifier(parts: NotifierParts): Notifier {
  const running = new RunningNotifier(parts);
  return { stop: () => running.stop(), wake: () => running.wake(), wakeSoon: () => running.wakeSoon() };
}

class RunningNotifier {
  readonly #parts: NotifierParts;
  readonly #hooks: Hooks;
  readonly #lane: Lane;
  readonly #egress: Egress;
  readonly #teller: Teller;
  readonly #settles: Batcher<Settled, boolean>;
  readonly #deliveries = new Set<Promise<void>>();
  readonly #lookMs: number;
  readonly #end: Promise<void>;
  #stopping = false;
  #wanted = false;
  #soon: Timer | null = null;
  #rouse: () => void = () => {};
  #failedBefore = false;
  #forgottenAt: number;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    this.#hooks = new Hooks(parts.tenants);
    this.#lane = parts.database.openLane("notify");
    this.#egress = createEgress({ ...parts.egress, clock: parts.clock });
    this.#teller = new Teller(this.#egress, parts.clock);
    this.#settles = new Batcher((settled) => settleDeliveries(this.#lane, settled, parts.clock.now()), {
      maxItems: 128,
    });
    this.#lookMs = this.#hooks.size > 0 ? LOOK_MS : LOOK_WITHOUT_WEBHOOKS_MS;
    this.#forgottenAt = parts.clock.monotonicMs() + FORGOTTEN_MS;
    this.#warnOfUnreachable();
    this.#end = this.#run();
  }

  wake(): void {
    this.#wanted = true;
    this.#rouse();
  }

  wakeSoon(): void {
    if (this.#stopping) return;
    this.#soon ??= this.#parts.clock.after(SOON_MS, () => {
      this.#soon = null;
      this.wake();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#soon?.cancel();
    this.wake();
    await this.#end;
    const timer = this.#parts.clock.after(STOP_GRACE_MS, () => this.#egress.close());
    while (this.#deliveries.size > 0) await Promise.all(this.#deliveries);
    timer.cancel();
    this.#egress.close();
    await this.#lane.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#wanted = false;
      try {
        await this.#round();
        this.#failedBefore = false;
      } catch (error) {
        // An outage of the database is told by the store; whatever else it is, it is told once.
        if (!this.#failedBefore) this.#parts.log.warn("webhook.round-failed", { cause: causeText(error) });
        this.#failedBefore = true;
        this.#wanted = false;
      }
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    if (this.#wanted || this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      this.#rouse = () => {
        timer?.cancel();
        this.#rouse = () => {};
        resolve();
      };
      timer = this.#parts.clock.after(this.#lookMs, () => this.#rouse());
    });
  }

  async #round(): Promise<void> {
    const { clock } = this.#parts;
    const wishes = this.#hooks.wishes();
    if ((await makeDeliveries(this.#lane, wishes, clock.now())) === EVENTS_AT_ONCE) this.#wanted = true;
    await this.#lease();
    if (clock.monotonicMs() < this.#forgottenAt) return;
    this.#forgottenAt = clock.monotonicMs() + FORGOTTEN_MS;
    await this.#forget();
  }

  async #lease(): Promise<void> {
    const rooms = this.#hooks.rooms();
    if (rooms.length === 0 || this.#stopping) return;
    const now = this.#parts.clock.now();
    const leased = await leaseDeliveries(this.#lane, rooms, now, now + LEASE_MS);
    const perHook = Map.groupBy(leased, (one) => this.#hooks.find(one.tenant, one.webhook));
    for (const { tenant, webhook, free } of rooms) {
      const hook = this.#hooks.find(tenant, webhook);
      hook.more = (perHook.get(hook)?.length ?? 0) === free;
    }
    const events = await loadEvents(
      this.#lane,
      leased.map((one) => one.eventId),
    );
    for (const [hook, deliveries] of perHook) {
      for (const delivery of deliveries) this.#begin(hook, delivery, events.get(delivery.eventId));
    }
  }

  #begin(hook: Hook, delivery: LeasedDelivery, facts: EventFacts | undefined): void {
    this.#hooks.begin(hook);
    const work = this.#deliver(hook, delivery, facts)
      .catch((error: unknown) => {
        // Not written down: the lease runs out and it is tried again.
        this.#parts.log.debug("webhook.not-settled", { ...nameOf(delivery), cause: causeText(error) });
      })
      .finally(() => {
        this.#deliveries.delete(work);
        if (this.#hooks.end(hook)) this.wake();
      });
    this.#deliveries.add(work);
  }

  async #deliver(hook: Hook, delivery: LeasedDelivery, facts: EventFacts | undefined): Promise<void> {
    const verdict = facts ? await this.#try(hook, delivery, facts) : GONE;
    if (facts && verdict.kind !== "released") hook.failing = verdict.kind !== "delivered";
    const written = await this.#settles.add({ delivery, verdict });
    if (written) this.#tell(delivery, verdict);
  }

  async #try(hook: Hook, delivery: LeasedDelivery, facts: EventFacts): Promise<Verdict> {
    const { clock, random } = this.#parts;
    const told = await this.#teller.tell(hook.settings, delivery, facts);
    switch (told.kind) {
      case "no-word":
        return NO_WORD;
      case "more":
        return { kind: "released", dueAt: clock.now() };
      case "answered":
      case "refused":
      case "failed":
        if (this.#stopping && told.kind === "failed") return { kind: "released", dueAt: clock.now() };
        return verdictOf(told, delivery.tries, clock.now(), random, enoughFor(hook.settings.format));
    }
  }

  #tell(delivery: LeasedDelivery, verdict: Verdict): void {
    const { log, metrics } = this.#parts;
    const about = { ...nameOf(delivery), tries: delivery.tries };
    switch (verdict.kind) {
      case "delivered":
        metrics.webhook("delivered");
        return log.debug("webhook.delivered", about);
      case "again":
        metrics.webhook("failed");
        return log.info("webhook.failed", { ...about, error: verdict.error, dueAt: instant(verdict.dueAt) });
      case "gave-up":
        metrics.webhook("gave-up");
        return log.warn("webhook.gave-up", { ...about, error: verdict.error });
      case "released":
        return log.debug("webhook.released", about);
    }
  }

  async #forget(): Promise<void> {
    const { database, clock, log, metrics } = this.#parts;
    for (const { tenant, webhook, count } of await giveUpForgotten(database, clock.now())) {
      log.warn("webhook.gave-up", { tenant, webhook, deliveries: count, error: "had no turn for a week" });
      for (let n = 0; n < count; n += 1) metrics.webhook("gave-up");
    }
  }

  #warnOfUnreachable(): void {
    for (const { tenant, settings } of this.#hooks.all()) {
      const target = targetOf(settings.url, this.#parts.egress?.permitted);
      if (!("code" in target)) continue;
      this.#parts.log.warn("webhook.unreachable", {
        tenant,
        webhook: settings.name,
        error: target.code,
        next: target.sentence,
      });
    }
  }
}

/** Retention took the event or its message before it could be told. */
const GONE: Verdict = { kind: "gave-up", error: "the event is no longer kept" };

/** It was made a delivery when the webhook had another format. */
const NO_WORD: Verdict = { kind: "gave-up", error: "the webhook's format has no word for this event" };

const nameOf = ({ tenant, webhook, eventId }: LeasedDelivery) => ({ tenant, webhook, eventId });
const instant = (ms: number): string => new Date(ms).toISOString();
