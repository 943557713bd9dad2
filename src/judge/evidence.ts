/**
 * All a detector ever sees: what happened to a provider's mail, in one small union, in the order it became known.
 * Whoever makes evidence has matched it to an attempt and taken out repetitions: one `confirmed` for each
 * `handed-off` at most, the first. Instants are milliseconds of one clock. No addresses, no bodies.
 */
export type Evidence =
  /** The provider took a customer's message. `group`: the receiver's group (gmail, microsoft, …), of a closed set. */
  | { kind: "handed-off"; at: number; group: string; stream: string }
  /** Somebody says that it arrived: the first of the provider's event, its log, or the receiver itself. */
  | { kind: "confirmed"; at: number; group: string; stream: string; handedOffAt: number; by: "event" | "log" }
  /** A hand-off failed for want of a connection: it could not even be offered. */
  | { kind: "unreachable"; at: number }
  /** The answer to a hand-off was that the account may not send. */
  | { kind: "refused-for-account"; at: number; cause: string }
  /** `unauthorised`: every call is answered 401 or 403, so somebody took the key away. */
  | { kind: "status-poll"; at: number; answer: "clean" | "suspended" | "unauthorised" | "unreachable" }
  /**
   * A probe to a receiving server of our own. `burst`: of the handful that asks whether a suspicion is true.
   * `stream`: "tenant/stream" whose mail it stands for; "" where it stands for none.
   */
  | { kind: "canary-sent"; at: number; receiver: string; stream: string; burst: boolean }
  | { kind: "canary-arrived"; at: number; receiver: string; stream: string; sentAt: number; burst: boolean }
  /** It was not there at its deadline. One that arrives later is no evidence any more but for the count of late ones. */
  | { kind: "canary-missed"; at: number; receiver: string; stream: string; sentAt: number; burst: boolean }
  /** Is the account set up as two people signed it? */
  | { kind: "posture"; at: number; answer: "clean" | "drifted" }
  /**
   * The provider's webhook spoke. `ofMissingCanary`: it says "delivered" of a canary that no receiver of ours has seen,
   * five seconds after it said so or at the canary's deadline: a receiver takes mail before anybody can tell that it did.
   */
  | { kind: "webhook-seen"; at: number; ofMissingCanary: boolean }
  /** What its log says of a message that was asked for. `error`: it did not answer. */
  | { kind: "log-answer"; at: number; says: LogSays };

export type LogSays = "delivered" | "queued" | "none" | "error";
