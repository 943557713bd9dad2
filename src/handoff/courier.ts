import { type Clock, type Failpoint, type Log, Problem, type Random, causeText } from "../kernel/index.ts";
import type { LeafMaker } from "../ledger/index.ts";
import { type Envelope, type MessageClass, type Outcome, parseMailbox } from "../mail/index.ts";
import type { Metrics } from "../metrics/index.ts";
import {
  FAR_MS,
  type NewAttempt,
  type NewEvent,
  type Next,
  type RecipientChange,
  type Sealer,
  type Spool,
  type TenantSettlement,
} from "../spool/index.ts";
import type { Tenants } from "../tenancy/index.ts";
import { type AttemptIds, withAttemptField } from "./attempt-id.ts";
import { type Step, afterAnswer, isEnd } from "./decide.ts";
import type { Desk } from "./desk.ts";
import { withoutEcho } from "./echo.ts";
import { signalOf } from "./signal.ts";
import { type Work, pendingOf } from "./work.ts";
import type { WriteDown } from "./write-down.ts";

export type CourierParts = {
  spool: Spool;
  sealer: Sealer;
  leaves: LeafMaker;
  attemptIds: AttemptIds;
  tenants: Tenants;
  writeDown: WriteDown;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
  failpoint: Failpoint;
  /** False while another node may have taken this node's leases over: then nothing may be sent. */
  mayAct(epoch: number): boolean;
  /** How long a sealed text stays after its message's end (retention.body); 0: it goes in the commit that ends it. */
  bodyMs: Readonly<Record<MessageClass, number>>;
  /** Ends every hand-off on its way at the end of the drain. */
  signal: AbortSignal;
};

/** The committed try, or why the route chose this desk when it is still to be committed. */
export type Intention = { committed: NewAttempt } | { reason: string };

/** Which other providers the route still offers, asked after an answer. */
export type Prospects = { another: boolean; onlyHolders: boolean };

/**
 * Makes one try: commit the intent, hand over, learn, settle.
 * Invariant: no provider is called without a committed attempt of this very try (test/crash).
 */
export class Courier {
  readonly #parts: CourierParts;
  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  /**
   * @param desk its slot is taken and is given back here, as soon as the provider has answered.
   * @returns keep: another provider is to be tried at once · done: the message is out of this node's hands.
   */
  async attempt(
    work: Work,
    desk: Desk,
    intent: Intention,
    { freed, prospects }: { freed: () => void; prospects: () => Prospects },
  ): Promise<"keep" | "done"> {
    const { writeDown, failpoint, metrics, clock } = this.#parts;
    const pending = pendingOf(work);
    const asked = pending.slice(0, desk.provider.capabilities.maxRecipients);
    const startedAt = clock.monotonicMs();
    let outcomes: Outcome[] | null = null;
    try {
      if (work.raw === null && !(await this.#loadBody(work, pending))) return "done";
      const envelope = envelopeOf(work, asked);
      if (envelope === null) {
        await this.#holdUnreadable(work);
        return "done";
      }
      failpoint("handoff.before-intent");
      const attempt = "committed" in intent ? intent.committed : this.#newAttempt(work, desk, intent.reason, asked);
      if (!("committed" in intent) && (await writeDown.intend(work, attempt)) !== "committed") return "done";
      failpoint("handoff.after-intent");
      work.attemptCount = attempt.n;
      outcomes = await this.#call(work, desk, envelope);
      failpoint("handoff.after-answer");
    } finally {
      desk.give(outcomes && signalOf(outcomes), startedAt);
      freed();
    }
    const seconds = (clock.monotonicMs() - startedAt) / 1000;
    for (const outcome of outcomes) metrics.handedOff(desk.name, outcome.kind, seconds);
    // One that gave each it was asked for an end may be asked for the rest: it takes only so many at once.
    const isDone = outcomes.every(isEnd);
    if (!isDone || asked.length === pending.length) work.tried.add(desk.name);
    if (outcomes.some((one) => one.kind === "held")) work.holders.add(desk.name);
    const { another, onlyHolders } = prospects();
    const step = afterAnswer(
      {
        class: work.message.class,
        expiresAt: work.message.expiresAt,
        pending,
        attempt: { n: work.attemptCount, provider: desk.name, recipients: asked },
        outcomes,
        another,
        onlyHolders,
      },
      clock.now(),
      this.#parts.random,
    );
    const live = await this.settle(work, step, step.result.cause);
    return live && step.next.kind === "keep" ? "keep" : "done";
  }

  /** A step of a message, with or without a try. @returns false where the lease was lost. */
  async settle(
    work: Work,
    step: {
      result: Step["result"] | null;
      resolution?: TenantSettlement["resolution"];
      changes: RecipientChange[];
      next: Next;
      events: Step["events"];
    },
    cause: string,
  ): Promise<boolean> {
    const { leaves, clock, log, metrics, tenants, writeDown, bodyMs } = this.#parts;
    const { message } = work;
    const at = clock.now();
    const n = step.result?.n ?? step.resolution?.n ?? null;
    const live = await writeDown.settle({
      tenant: message.tenant,
      lease: { spoolId: message.spoolId, fence: message.fence },
      attempt: step.result,
      resolution: step.resolution ?? null,
      recipients: step.changes,
      next: step.next.kind === "end" ? { ...step.next, purgeBody: bodyMs[message.class] === 0 } : step.next,
      leaf: leaves.outcome({
        spoolId: message.spoolId,
        n,
        outcome: step.result?.outcome ?? null,
        cause,
        next: step.next.kind,
        at,
      }),
      at,
      events: this.#wanted(tenants, message.tenant, withHold(step), at),
    });
    if (!live) {
      log.warn("lease.lost", { id: message.spoolId, attempt: n });
      return false;
    }
    for (const change of step.changes) {
      const one = message.recipients.find((recipient) => recipient.n === change.n);
      if (one) one.state = change.state;
      metrics.ended(message.class, change.state, (at - message.sendAt) / 1000);
    }
    this.#tell(work, step, cause);
    return true;
  }

  #newAttempt(work: Work, desk: Desk, reason: string, asked: number[]): NewAttempt {
    const { message } = work;
    const n = work.attemptCount + 1;
    const at = this.#parts.clock.now();
    return {
      n,
      provider: desk.name,
      routeReason: reason,
      recipients: asked.length === message.recipients.length ? null : asked,
      intentAt: at,
      leaf: this.#parts.leaves.intent({ spoolId: message.spoolId, n, provider: desk.name, at }),
    };
  }

  async #call(work: Work, desk: Desk, envelope: Envelope): Promise<Outcome[]> {
    const { message } = work;
    const { attemptIds, signal, mayAct, log } = this.#parts;
    const everyone = (outcome: Outcome): Outcome[] => envelope.recipients.map(() => outcome);
    // Stored with its try already committed, then found to have nobody left to go to.
    if (envelope.recipients.length === 0) return [{ kind: "rejected", scope: "recipient", cause: "suppressed" }];
    // The last look before the wire: a process that was paused may no longer own what it holds.
    if (!mayAct(work.epoch)) return everyone({ kind: "deferred", scope: "message", cause: "not-called" });
    const attemptId = attemptIds.of(message.spoolId, desk.name, work.attemptCount);
    const handoff = {
      spoolId: message.spoolId,
      attemptId,
      messageClass: message.class,
      envelope,
      raw: withAttemptField(work.raw!, attemptId),
      isOurs: () => mayAct(work.epoch),
    };
    try {
      const { recipients } = await desk.provider.handOff(handoff, signal);
      return recipients.map((one) => withoutEcho(one, message.class, work.raw!));
    } catch (error) {
      // An adapter never throws; should one do, nobody knows how far it came, and the same would happen the next time.
      log.error("provider.failed", { id: message.spoolId, provider: desk.name, cause: causeText(error) });
      return everyone({ kind: "indeterminate", scope: "message", cause: "adapter-failed" });
    }
  }

  async #holdUnreadable(work: Work): Promise<void> {
    const reason = "envelope-unreadable";
    const dueAt = work.message.expiresAt ?? this.#parts.clock.now() + FAR_MS;
    await this.settle(work, { result: null, changes: [], next: { kind: "hold", reason, dueAt }, events: [] }, reason);
  }

  /** Opens the stored text before anything is promised. @returns false where there is none: the message was settled. */
  async #loadBody(work: Work, asked: readonly number[]): Promise<boolean> {
    const { spool, sealer, log } = this.#parts;
    const { spoolId, expiresAt } = work.message;
    try {
      const sealed = await spool.body(spoolId);
      if (sealed) {
        work.raw = sealer.open(spoolId, sealed);
        return true;
      }
    } catch (error) {
      log.error("body.unreadable", { id: spoolId, cause: causeText(error) });
      const unreadable = error instanceof Problem && error.code === "body-unreadable";
      const at = this.#parts.clock.now();
      const next: Next = unreadable
        ? { kind: "hold", reason: "body-unreadable", dueAt: expiresAt ?? at + FAR_MS }
        : { kind: "queue", dueAt: at + BODY_RETRY_MS };
      await this.settle(
        work,
        { result: null, changes: [], next, events: [] },
        next.kind === "hold" ? next.reason : "body-not-loaded",
      );
      return false;
    }
    const changes = asked.map((n): RecipientChange => ({ n, state: "rejected", reason: "body-gone" }));
    const events = [{ kind: "message.rejected", detail: { cause: "body-gone", recipients: asked } }];
    const next: Next = { kind: "end", at: this.#parts.clock.now() };
    await this.settle(work, { result: null, changes, next, events }, "body-gone");
    return false;
  }

  #wanted(tenants: Tenants, tenantName: string, events: Step["events"], at: number): NewEvent[] {
    const tenant = tenants.find(tenantName);
    return events.flatMap((event) => {
      const notify = tenant?.wantsEvent(event.kind) ?? false;
      return notify || !TOLD_BY_ATTEMPTS.has(event.kind) ? [{ ...event, at, notify }] : [];
    });
  }

  #tell(work: Work, step: { next: Next; changes: RecipientChange[] }, cause: string): void {
    const { log } = this.#parts;
    const id = work.message.spoolId;
    if (step.next.kind === "hold")
      log.warn("message.held", { id, reason: step.next.reason, class: work.message.class });
    for (const change of step.changes) {
      if (change.state === "rejected" || change.state === "expired") {
        log.warn(`message.${change.state}`, { id, recipient: change.n, cause, class: work.message.class });
      }
    }
    log.debug("handoff.settled", { id, next: step.next.kind, cause });
  }
}

/** No hold is silent, whichever step it comes from. */
function withHold({ events, next }: { events: Step["events"]; next: Next }): Step["events"] {
  if (next.kind !== "hold" || events.some((event) => event.kind === "message.held")) return events;
  return [...events, { kind: "message.held", detail: { reason: next.reason } }];
}

const BODY_RETRY_MS = 2_000;

/** Common events whose whole content the attempt rows hold; stored only where a webhook asks for them. */
const TOLD_BY_ATTEMPTS = new Set(["message.accepted", "message.handed-off", "message.deferred"]);

/** Read back from rows, addresses pass the same grammar again, which may be a later version's. Null where one does not. */
function envelopeOf({ message }: Work, asked: readonly number[]): Envelope | null {
  const returnPath = message.returnPath === "" ? null : parseMailbox(message.returnPath);
  if (returnPath === null && message.returnPath !== "") return null;
  const wanted = new Set(asked);
  const recipients: Envelope["recipients"] = [];
  for (const { n, address, notify, original } of message.recipients) {
    if (!wanted.has(n)) continue;
    const mailbox = parseMailbox(address);
    if (mailbox === null) return null;
    recipients.push({
      mailbox,
      dsn: { ...(notify === null ? {} : { notify }), ...(original === null ? {} : { original }) },
    });
  }
  return {
    returnPath,
    recipients,
    dsn: {
      ...(message.dsnReturn === null ? {} : { returnContent: message.dsnReturn as "FULL" | "HDRS" }),
      ...(message.dsnEnvelopeId === null ? {} : { envelopeId: message.dsnEnvelopeId }),
    },
    needsSmtputf8: message.needsSmtputf8,
    needs8bit: message.needs8bit,
  };
}
