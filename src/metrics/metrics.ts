import type { ObjectivesTold } from "./objectives.ts";

/**
 * What is counted, as vocabulary: every label comes from a closed set (doors, classes, outcomes, causes, names of the
 * configuration). Rooms call these functions; only this room knows how they are exported.
 */
export type Metrics = {
  /** One accepted message. `seconds` from the end of its text to our answer. */
  accepted(door: string, messageClass: string, seconds: number): void;
  /** One refusal by its code (docs/failures.md). */
  refused(door: string, code: string): void;
  /** One hand-off that ended, one count per recipient's outcome; `seconds` from the call to the answer. */
  handedOff(provider: string, outcome: string, seconds: number): void;
  /** One message that went to another provider than the first of its route. */
  failedOver(from: string, to: string): void;
  /** A message's end: delivered to a provider, rejected, expired, suppressed, cancelled. `seconds` since accept. */
  ended(messageClass: string, state: string, seconds: number): void;
  /** closed · open · half-open · pinned. */
  breaker(provider: string, state: string): void;
  /** Hand-offs on their way. */
  inFlight(provider: string, count: number): void;
  /** Rows of the queue by class and state (queued, leased, held). */
  queue(rows: readonly { messageClass: string; state: string; count: number }[]): void;
  /** Why intake stands, or null. */
  intake(refusalCode: string | null): void;
  /** Of the folders that are watched, the least that is free, and below what intake stops. */
  diskFree(bytes: number, stopsBelow: number): void;
  smtpSessions(count: number): void;
  webhook(result: "delivered" | "failed" | "gave-up"): void;
  /** One try to tell a target of an alert. */
  alertTelling(kind: string, result: "delivered" | "failed" | "gave-up"): void;
  /** Alerts that are open. */
  alertsOpen(severity: "page" | "notice", count: number): void;
  lookup(provider: string, answer: string): void;
  takenOver(messages: number): void;
  /** A call of a provider's webhook. `at`, of one whose proof held: when, in seconds since the epoch. */
  notice(
    provider: string,
    result: "taken" | "seen" | "confirmed" | "refused" | "busy" | "failed",
    at: number | null,
  ): void;
  /** One event of a notice; forgotten: of a message whose rows are gone · foreign: of mail that is none of ours. */
  noticeEvent(provider: string, type: string, whose: "ours" | "forgotten" | "foreign"): void;
  /** How a provider stands; `scope`: "" for the whole, or "tenant/stream". Told by the node that leads. */
  standing(provider: string, scope: string, state: string): void;
  /** Whether this node judges the providers. */
  leads(is: boolean): void;
  /** Nothing gets through by any provider: the fault is on our side. Told by the node that leads. */
  localOutage(is: boolean): void;
  /** One piece of evidence that the judge has seen. */
  evidence(provider: string, kind: string): void;
  /** One canary that ended: `result` as in its row. `seconds` from accept to arrival; null: it did not arrive. */
  canary(provider: string, kind: string, result: string, seconds: number | null): void;
  /** One message in doubt that was decided about: resent, reissue-wanted, confirmed … (docs/redrive.md). */
  redriven(provider: string, result: string): void;
  /** A copy that was given up arrived after all. */
  lateCopy(provider: string): void;
  /** How promises are kept. Told by the node that leads, once a minute. */
  objectives(told: ObjectivesTold): void;
  /** What speaks for silence at a provider, as a share of what makes it suspected. Told by the node that leads. */
  silence(provider: string, share: number): void;
};

const nothing = () => {};
export const silentMetrics: Metrics = {
  accepted: nothing,
  refused: nothing,
  handedOff: nothing,
  failedOver: nothing,
  ended: nothing,
  breaker: nothing,
  inFlight: nothing,
  queue: nothing,
  intake: nothing,
  diskFree: nothing,
  smtpSessions: nothing,
  webhook: nothing,
  alertTelling: nothing,
  alertsOpen: nothing,
  lookup: nothing,
  takenOver: nothing,
  canary: nothing,
  notice: nothing,
  noticeEvent: nothing,
  standing: nothing,
  leads: nothing,
  localOutage: nothing,
  evidence: nothing,
  redriven: nothing,
  lateCopy: nothing,
  objectives: nothing,
  silence: nothing,
};

/** The exporter behind `Metrics`. */
export type Exporter = { metrics: Metrics; contentType: string; text(): Promise<string> };
