import {
  type DeliveryEvent,
  type DeliveryEventType,
  type EventKind,
  foldedAddress,
  type MessageClass,
} from "../mail/index.ts";
import type { SpoolId } from "../kernel/index.ts";
import type { LeafMaker } from "../ledger/index.ts";
import type { Tenants } from "../tenancy/index.ts";
import {
  noObservedChanges,
  type ObservedChanges,
  type ObservedMessage,
  type ObservedRecipient,
  type RecipientState,
} from "../spool/index.ts";
import { apply, type Effect, isOver } from "./effects.ts";
import type { TakenNotice } from "./facts.ts";
import type { Foreign } from "./foreign.ts";
import { type AttemptIdOf, type Match, matchOf } from "./match.ts";
import { plain } from "./words.ts";

export type PlanParts = {
  tenants: Tenants;
  leaves: LeafMaker;
  attemptIdOf: AttemptIdOf;
  /** How long a sealed text stays after its message's end; 0: it goes with the end. */
  bodyMs: Readonly<Record<MessageClass, number>>;
};

/** What is told of events once they are written. */
export type Told = {
  provider: string;
  type: DeliveryEventType;
  match: Match["kind"];
  /** Of a state that changed. */
  ended: { class: MessageClass; state: RecipientState; seconds: number }[];
};

/** Told again and again of one message, and missing little where one is missing. */
const BOUNDED: ReadonlySet<EventKind> = new Set<EventKind>(["message.opened", "message.clicked", "message.delayed"]);
/** What tells that mail went out under the account's name. */
const TELLS_OF_MAIL: ReadonlySet<DeliveryEventType> = new Set<DeliveryEventType>([
  "queued",
  "sent",
  "delivered",
  "deferred",
  "bounced",
  "rejected",
  "failed",
  "complained",
]);
/** A provider's clock that is wrong by more than this is not believed. */
const AHEAD_MS = 300_000;
const ID_LENGTH = 300;

/** Turns what notices say into changes of rows, in the order in which they came. Nothing here touches the database. */
export class Plan {
  readonly changes: ObservedChanges = noObservedChanges();
  readonly foreign: Foreign[] = [];
  readonly told: Told[] = [];
  /** Messages of which a copy that nobody counted on any more arrived after all, and who delivered it. */
  readonly late: { spoolId: SpoolId; provider: string }[] = [];
  readonly #parts: PlanParts;
  readonly #known: ReadonlyMap<string, ObservedMessage>;
  readonly #now: number;
  readonly #touched = new Set<ObservedMessage>();
  readonly #moved = new Map<string, { facts: ObservedMessage; recipient: ObservedRecipient }>();

  constructor(parts: PlanParts, known: ReadonlyMap<string, ObservedMessage>, now: number) {
    this.#parts = parts;
    this.#known = known;
    this.#now = now;
  }

  add(notice: Pick<TakenNotice, "provider" | "hash" | "source">, event: DeliveryEvent): void {
    const { provider } = notice;
    const match = matchOf(event, provider, this.#known, this.#parts.attemptIdOf);
    const told: Told = { provider, type: event.type, match: match.kind, ended: [] };
    this.told.push(told);
    if (match.kind === "ours") {
      const { facts, attempt, recipient } = match;
      this.#touched.add(facts);
      const effect = apply(facts, attempt, recipient, event);
      this.#keep(notice, facts, attempt.n, event, effect, told);
      this.#suppress(facts, recipient, event);
    } else if (match.kind !== "forgotten" && TELLS_OF_MAIL.has(event.type)) {
      this.foreign.push({
        provider,
        type: event.type,
        recipient:
          event.recipient === null ? null : this.#parts.leaves.pseudonym(`provider ${provider}`, event.recipient),
        providerMessageId: plain(event.providerMessageId, ID_LENGTH),
        at: this.#when(event, 0),
      });
    }
  }

  /** Once all events are in: each row once, as it is in the end. */
  finish(): ObservedChanges {
    const { changes } = this;
    for (const { facts, recipient } of this.#moved.values()) {
      const { n, state, reason } = recipient;
      changes.recipients.push({ spoolId: facts.spoolId, n, state, reason });
    }
    for (const facts of this.#touched) {
      if (!isOver(facts)) continue;
      changes.ended.push({ spoolId: facts.spoolId, purge: this.#parts.bodyMs[facts.class] === 0 });
    }
    return changes;
  }

  #keep(
    { provider, hash, source }: Pick<TakenNotice, "provider" | "hash" | "source">,
    facts: ObservedMessage,
    attempt: number,
    event: DeliveryEvent,
    effect: Effect,
    told: Told,
  ): void {
    const { spoolId, tenant } = facts;
    const at = this.#when(event, facts.acceptedAt);
    const wants = this.#parts.tenants.find(tenant);
    for (const { n, state, reason } of effect.states) {
      this.#moved.set(`${spoolId} ${n}`, { facts, recipient: facts.recipients.find((one) => one.n === n)! });
      told.ended.push({ class: facts.class, state, seconds: (this.#now - facts.acceptedAt) / 1000 });
      this.changes.leaves.push(
        this.#parts.leaves.observed({
          spoolId,
          n: attempt,
          provider,
          recipient: n,
          state,
          cause: reason ?? event.type,
          notice: hash,
          at: this.#now,
        }),
      );
    }
    if (effect.isLate) {
      this.late.push({ spoolId, provider });
      this.changes.leaves.push(
        this.#parts.leaves.lateCopy({ spoolId, n: attempt, provider, notice: hash, at: this.#now }),
      );
    }
    if (effect.resolved) this.changes.resolved.push({ spoolId, n: attempt });
    for (const { kind, detail } of effect.events) {
      const notify = wants?.wantsEvent(kind) ?? false;
      const whole = source === undefined ? detail : { ...detail, source };
      this.changes.events.push({ spoolId, tenant, kind, at, detail: whole, notify, bounded: BOUNDED.has(kind) });
    }
  }

  #suppress(facts: ObservedMessage, recipient: ObservedRecipient | null, event: DeliveryEvent): void {
    const isHard = event.type === "bounced" && event.bounce === "hard";
    const reason = isHard ? "bounced" : event.type === "complained" ? "complained" : null;
    if (reason === null || !recipient || !this.#parts.tenants.find(facts.tenant)?.suppresses(reason)) return;
    const address = foldedAddress(recipient.address);
    this.changes.suppressions.push({ tenant: facts.tenant, address, reason });
  }

  /** When it happened, as far as that can be so: not before the message was there, and not tomorrow. */
  #when({ at }: DeliveryEvent, least: number): number {
    if (at === null || !Number.isFinite(at) || at > this.#now + AHEAD_MS) return this.#now;
    return Math.max(Math.round(at), least);
  }
}
