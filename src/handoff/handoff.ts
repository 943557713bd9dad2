import { type Clock, type Log, type Random, type SpoolId, causeText, delay } from "../kernel/index.ts";
import { type MessageClass, classNumber } from "../mail/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { type Candidate, type Draw, type RouteChoice, type RoutePolicy, chooseRoute } from "../route/index.ts";
import { FAR_MS, type LeasedMessage, type NewAttempt, type Next, type Spool } from "../spool/index.ts";
import type { Tenants } from "../tenancy/index.ts";
import { type AdmitParts, admit, expire, isExpired } from "./admit.ts";
import { Courier, type CourierParts, type Intention } from "./courier.ts";
import type { Desk } from "./desk.ts";
import { Filler, READY_MOST } from "./filler.ts";
import { InHand } from "./in-hand.ts";
import type { NodeLife } from "./node-life.ts";
import type { PaceBoard } from "./pace-board.ts";
import { Ready, type Verdict } from "./ready.ts";
import { parkMs } from "./schedule.ts";
import { type Work, holdersOf } from "./work.ts";

/** Of the 10 s a stop may take, this long for answers; then the rest is broken off and settled. */
const DRAIN_MS = 6_000;

export type HandoffParts = Omit<CourierParts, "signal" | "mayAct"> & {
  spool: Spool;
  desks: ReadonlyMap<string, Desk>;
  tenants: Tenants;
  life: NodeLife;
  /** How much a stand-in is given; absent: as much as there is. */
  paces?: Pick<PaceBoard, "turn" | "mayGoNow">;
  /** Bytes of message text that hand-offs may hold in memory. */
  inFlightBytes: number;
  isDatabaseUp(): boolean;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
};

/** What is known of a message before it is stored. */
export type ReserveFacts = {
  spoolId: SpoolId;
  tenant: string;
  stream: string;
  route: RoutePolicy;
  class: MessageClass;
  sizeBytes: number;
  recipients: number;
};

/** A place for a message that is about to be stored: leased to this node from birth. */
export type Reservation = {
  /** Where a slot was free: the first try, to be committed with the message. */
  intent: { provider: string; routeReason: string } | null;
  /** After the commit. `attempt` is the committed try where there was an `intent`. */
  go(message: LeasedMessage, raw: Buffer, attempt: NewAttempt | null): void;
  /** The message was not stored, or `maybe` it was: the commit's answer was lost. */
  cancel(stored: "no" | "maybe"): void;
};

/**
 * Hands spooled messages to providers and records what they answered.
 * 1. Works come from the doors (born leased) and from the queue (leased in groups).
 * 2. A try with an unknown end is asked for first.  3. route/ says where it goes, and why.
 * 4. The try is committed, then made (courier.ts).  5. Its answer is settled; another provider follows at once where it may.
 * Operator sees: handoff metrics, "message.held", "breaker.opened", "lease.lost".
 */
export class Handoff {
  readonly #parts: HandoffParts;
  readonly #courier: Courier;
  readonly #admit: AdmitParts;
  readonly #ready = new Ready();
  readonly #abort = new AbortController();
  readonly #candidates: ReadonlyMap<string, Candidate>;
  readonly #filler: Filler;
  readonly #inHand: InHand;
  #onTheWay = 0;
  #rateTimer = false;
  /** Works whose text is on its way to a provider. */
  #delivering = 0;
  #shortOfRoom = false;
  #stopping = false;

  constructor(parts: HandoffParts) {
    this.#parts = parts;
    this.#candidates = parts.desks;
    this.#inHand = new InHand(parts.inFlightBytes);
    this.#courier = new Courier({ ...parts, signal: this.#abort.signal, mayAct: (epoch) => parts.life.mayAct(epoch) });
    this.#admit = { ...parts, courier: this.#courier };
    this.#filler = new Filler({
      ...parts,
      inHand: this.#inHand,
      waiting: () => this.#ready.count,
      takeIn: (message, epoch) => this.#takeIn(message, epoch),
    });
  }

  start(): void {
    this.#filler.start();
  }

  /** Room for a message of `sizeBytes` in this node's hands; null: it is to be queued. */
  reserve(facts: ReserveFacts): Reservation | null {
    const { life, desks, random } = this.#parts;
    const { spoolId, route, sizeBytes } = facts;
    const epoch = life.epoch;
    if (this.#stopping || !life.mayAct(epoch)) return null;
    if (this.#ready.count >= READY_MOST || !this.#inHand.hasRoom(sizeBytes)) return null;
    const draw = drawn(random);
    let desk: Desk | null = null;
    let routeReason = "";
    if (this.#ready.isClear(route, classNumber(facts.class))) {
      const { tenant, stream } = facts;
      const choice = chooseRoute(route, this.#candidates, { class: facts.class, tenant, stream, tried: NOBODY }, draw);
      if (choice.kind === "none") return null;
      const chosen = choice.kind === "provider" ? desks.get(choice.name)! : null;
      if (chosen && this.#parts.paces?.mayGoNow(chosen.name, facts) === false) return null;
      // A try born with its message is for all of its recipients; one for a part of them is drawn up later.
      if (chosen && choice.kind === "provider" && facts.recipients <= chosen.provider.capabilities.maxRecipients) {
        desk = chosen;
        routeReason = choice.reason;
        desk.take();
      }
    }
    const born = { spoolId, fence: 1 };
    this.#inHand.add(born);
    this.#inHand.take(sizeBytes);
    return {
      intent: desk && { provider: desk.name, routeReason },
      go: (message, raw, attempt) => {
        const work: Work = {
          message,
          route,
          epoch,
          raw,
          hasRoom: true,
          attemptCount: attempt ? 1 : 0,
          tried: new Set(),
          holders: new Set(),
          draw,
        };
        if (desk && attempt) this.#deliver(work, desk, { committed: attempt });
        else this.#line(work);
      },
      cancel: (stored) => {
        this.#inHand.give(sizeBytes);
        this.#inHand.remove(born);
        if (desk) desk.give(null);
        if (stored === "maybe") this.#parts.writeDown.doubt();
        this.#pump();
      },
    };
  }

  /** Hand-offs on their way, for people and metrics. */
  get onTheWay(): number {
    return this.#onTheWay;
  }

  async stop(): Promise<void> {
    const { clock, writeDown, log } = this.#parts;
    this.#stopping = true;
    await this.#filler.stop();
    this.#ready.clear(); // still leased; the node's leaving gives them back
    const deadline = clock.monotonicMs() + DRAIN_MS;
    while (this.#onTheWay > 0 && clock.monotonicMs() < deadline) await delay(clock, 10);
    if (this.#onTheWay > 0) log.warn("handoff.broken-off", { onTheWay: this.#onTheWay });
    this.#abort.abort();
    writeDown.giveUp();
    const last = clock.monotonicMs() + 1_000;
    while (this.#onTheWay > 0 && clock.monotonicMs() < last) await delay(clock, 10);
  }

  #line(work: Work): void {
    this.#ready.add(work);
    this.#pump();
  }

  /** Gives free slots to waiting works. */
  #pump(): void {
    if (this.#stopping) return;
    const hadToWait = this.#ready.count > 0 && this.#rateWaitMs() !== null;
    this.#ready.offer((work) => this.#startOrWait(work));
    this.#filler.hurry();
    this.#wakeForRate(hadToWait);
  }

  #startOrWait(work: Work): Verdict {
    const { desks, clock } = this.#parts;
    if (isExpired(work, clock)) {
      void this.#care(work, () => expire(work, this.#admit));
      return "started";
    }
    const choice = this.#choose(work);
    if (choice.kind === "busy") return "wait";
    if (choice.kind === "none") void this.#care(work, () => this.#park(work, choice.reason));
    else if (!this.#takeRoom(work)) return "wait";
    else {
      const turn = this.#turn(work, choice.name);
      if (turn !== "go") {
        void this.#care(work, () => this.#waitTurn(work, choice.name, turn));
        return "started";
      }
      const desk = desks.get(choice.name)!;
      desk.take();
      this.#deliver(work, desk, { reason: choice.reason });
    }
    return "started";
  }

  #turn({ message, route }: Work, provider: string): "go" | number {
    const { class: messageClass, tenant, stream, dueAt, sendAt } = message;
    const paced = { class: messageClass, tenant, stream, route };
    return this.#parts.paces?.turn(provider, paced, dueAt > sendAt) ?? "go";
  }

  /** Back to the queue until its turn: it comes no sooner, so that a long line costs nothing while it waits. */
  async #waitTurn(work: Work, provider: string, turn: number): Promise<"done"> {
    const lastAt = work.message.expiresAt ?? turn;
    const next: Next = { kind: "queue", dueAt: Math.min(lastAt, turn) };
    await this.#courier.settle(work, { result: null, changes: [], next, events: [] }, `paced: ${provider}`);
    return "done";
  }

  /** A text in the queue comes into memory only where there is room for it, or nothing on its way that would make some. */
  #takeRoom(work: Work): boolean {
    if (work.hasRoom) return true;
    const { sizeBytes } = work.message;
    work.hasRoom = this.#inHand.hasRoom(sizeBytes) || this.#delivering === 0;
    if (work.hasRoom) this.#inHand.take(sizeBytes);
    else this.#shortOfRoom = true;
    return work.hasRoom;
  }

  #choose(work: Work): RouteChoice {
    const { class: messageClass, tenant, stream } = work.message;
    const { tried, draw } = work;
    return chooseRoute(work.route, this.#candidates, { class: messageClass, tenant, stream, tried }, draw);
  }

  #deliver(work: Work, desk: Desk, intent: Intention): void {
    const from = [...work.tried].at(-1);
    if (from !== undefined) this.#parts.metrics.failedOver(from, desk.name);
    this.#delivering += 1;
    const delivered = this.#courier.attempt(work, desk, intent, {
      freed: () => this.#pump(),
      prospects: () => ({ another: this.#choose(work).kind !== "none", onlyHolders: this.#onlyHolders(work) }),
    });
    void this.#care(work, () => delivered.finally(() => (this.#delivering -= 1)));
  }

  /** Nowhere to go now: back to the queue for a while, or to a person where waiting cannot help. */
  async #park(work: Work, reason: string): Promise<"done"> {
    const now = this.#parts.clock.now();
    const { sendAt, expiresAt } = work.message;
    const lastAt = expiresAt ?? now + FAR_MS;
    const next: Next = this.#onlyHolders(work)
      ? { kind: "hold", reason: "held-by-provider", dueAt: lastAt }
      : { kind: "queue", dueAt: Math.min(lastAt, now + parkMs(now - sendAt, this.#parts.random.fraction())) };
    await this.#courier.settle(work, { result: null, changes: [], next, events: [] }, `no-route: ${reason}`);
    return "done";
  }

  #onlyHolders({ route, holders }: Work): boolean {
    if (holders.size === 0) return false;
    return [...route.prefer, ...route.standby].every((name) => {
      const one = this.#candidates.get(name);
      return !one || route.avoidOwnerGroups.includes(one.ownerGroup) || holders.has(name);
    });
  }

  /** Counts a work in and out; what goes wrong with one never stops the others. */
  async #care(work: Work, task: () => Promise<"keep" | "ready" | "done">): Promise<void> {
    this.#onTheWay += 1;
    let after: "keep" | "ready" | "done" = "done";
    try {
      after = await task();
    } catch (error) {
      this.#parts.log.error("handoff.failed", { id: work.message.spoolId, cause: causeText(error) });
      this.#parts.writeDown.doubt();
    }
    this.#onTheWay -= 1;
    if (after !== "done" && !this.#stopping) return this.#line(work);
    this.#inHand.remove(work.message);
    if (!work.hasRoom) return;
    this.#inHand.give(work.message.sizeBytes);
    if (!this.#shortOfRoom) return;
    this.#shortOfRoom = false;
    this.#pump();
  }

  #takeIn(message: LeasedMessage, epoch: number): void {
    const { random, tenants } = this.#parts;
    const route = tenants.find(message.tenant)?.routeOf(message.stream);
    const holders = new Set(holdersOf(message));
    const work: Work = {
      message,
      route: route ?? NO_ROUTE,
      epoch,
      raw: null,
      hasRoom: false,
      attemptCount: message.attempts.at(-1)?.n ?? 0,
      tried: new Set(holders),
      holders,
      draw: drawn(random),
    };
    this.#inHand.add(message);
    void this.#care(work, () => admit(work, this.#admit));
  }

  /**
   * A rate bound frees a slot by time alone.
   * @param hadToWait before the works were offered. When no desk has to wait any more after they were, it may have been
   *   freed in between, when the last of them had been told to wait: without another look nothing would ever wake them.
   */
  #wakeForRate(hadToWait: boolean): void {
    if (this.#rateTimer || this.#ready.count === 0) return;
    const waitMs = this.#rateWaitMs() ?? (hadToWait ? 1 : null);
    if (waitMs === null) return;
    this.#rateTimer = true;
    this.#parts.clock.after(waitMs, () => {
      this.#rateTimer = false;
      this.#pump();
    });
  }

  /** Until the first of the desks whose rate is used up may be given more; null: none of them has to wait. */
  #rateWaitMs(): number | null {
    let soonestMs: number | null = null;
    for (const desk of this.#parts.desks.values()) {
      const waitMs = desk.rateWaitMs;
      if (waitMs > 0 && (soonestMs === null || waitMs < soonestMs)) soonestMs = waitMs;
    }
    return soonestMs;
  }
}

const drawn = (random: Random): Draw => ({
  share: random.fraction(),
  weight: random.fraction(),
  trial: random.fraction(),
});
const NOBODY: ReadonlySet<string> = new Set();
/** Of a tenant that is no longer configured: its mail waits, visibly, until it is or its time runs out. */
const NO_ROUTE: RoutePolicy = { prefer: [], standby: [], standbyShare: 0, weights: null, avoidOwnerGroups: [] };
