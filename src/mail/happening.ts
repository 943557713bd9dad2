import type { Happening } from "./webhook-formats.ts";

/** Null: an event of which no vendor has a notion. */
export function happeningOf({ kind, detail }: { kind: string; detail: Record<string, unknown> }): Happening | null {
  switch (kind) {
    case "message.accepted":
      return "accepted";
    case "message.handed-off":
      return "handed-off";
    case "message.delivered":
      return "delivered";
    case "message.deferred":
      return "deferred";
    case "message.delayed":
      return "delayed";
    case "message.bounced":
      // Of some providers only the reason is known: a mailbox that does not exist is one whatever it is called.
      return detail["bounce"] === "hard" || (detail["bounce"] !== "soft" && detail["reason"] === "invalid")
        ? "bounced-hard"
        : "bounced-soft";
    case "message.rejected":
      return REFUSALS.get(String(detail["cause"] ?? "")) ?? "refused";
    case "message.expired":
      return "expired";
    case "message.suppressed":
      return "suppressed";
    case "message.complained":
      return "complained";
    case "message.opened":
      return "opened";
    case "message.clicked":
      return "clicked";
    case "message.unsubscribed":
      return "unsubscribed";
    default:
      return null;
  }
}

/**
 * Causes of a refusal (providers' outcomes.ts) that speak of the mailbox. Everything else is told as a refusal of the
 * message: applications stop writing to an address that bounced, and a message too large must not cost a customer.
 */
const REFUSALS: ReadonlyMap<string, Happening> = new Map<string, Happening>([
  ["mailbox-unavailable", "bounced-hard"],
  ["recipient-refused", "bounced-soft"],
  ["mailbox-full", "bounced-soft"],
  ["recipient-suppressed", "suppressed"],
  ["suppressed-by-provider", "suppressed"],
]);
