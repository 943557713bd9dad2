/**
 * How a vendor can go wrong while it speaks its own dialect. `taken` in these notes: the message is recorded in the
 * account, its log tells of it, and (except where held or dropped) it is delivered.
 */
export type Fault =
  | { mode: "ok" }
  /** Taken, answered `byMs` later. */
  | { mode: "slow"; byMs: number }
  /** Refused before it is taken. */
  | { mode: "429" }
  /** `taken`: the server fails after it took the message, or before. */
  | { mode: "5xx"; taken: boolean; status?: number }
  /** One of the vendor's known ways to say so (`Dialect.suspensions`); the first one where none is named. */
  | { mode: "suspended"; variant?: string }
  /** Any other answer of the vendor's that its dialect knows by name (`Dialect.refusals`). */
  | { mode: "refusal"; name: string }
  /** Taken and answered as always, never delivered. */
  | { mode: "accept-then-drop" }
  /** Taken and answered as always, kept back until `releaseHeld()`. */
  | { mode: "hold" }
  /** No answer ever. */
  | { mode: "time-out"; taken: boolean }
  /** The connection ends instead of an answer; `reset`: as when a machine falls over (RST) and not as when one hangs up. */
  | { mode: "closed"; taken: boolean; reset?: true }
  /** Taken, and a success whose body is a page of HTML. */
  | { mode: "garbage" }
  /** Taken, and a success whose JSON breaks off in the middle. */
  | { mode: "truncated" }
  /** Taken, and a success of more than a megabyte. */
  | { mode: "endless" }
  /** Taken, and a success with a value in it that no document knows. */
  | { mode: "unknown-value" }
  /** Taken and answered as always, then the connection is closed. */
  | { mode: "answers-and-closes" };

/** How a twin goes wrong: the same with every send, or with each as is said when it comes. */
export type FaultPlan = Fault | (() => Fault);

/** What a twin does with its notices. */
export const NOTICE_MODES = ["normal", "silent", "duplicated", "reordered", "forged"] as const;
export type NoticeMode = (typeof NOTICE_MODES)[number];

export const OK: Fault = { mode: "ok" };

/** What becomes of a message under a fault; null: it is not taken. */
export function fateUnder(fault: Fault): "sent" | "held" | "dropped" | null {
  switch (fault.mode) {
    case "429":
    case "suspended":
    case "refusal":
      return null; // the dialect takes it itself where the vendor does: Mandrill queues what it will not send
    case "5xx":
    case "time-out":
    case "closed":
      return fault.taken ? "sent" : null;
    case "accept-then-drop":
      return "dropped";
    case "hold":
      return "held";
    case "ok":
    case "slow":
    case "garbage":
    case "truncated":
    case "endless":
    case "unknown-value":
    case "answers-and-closes":
      return "sent";
  }
}
