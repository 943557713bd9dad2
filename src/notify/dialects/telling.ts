import type { Happening } from "../../mail/index.ts";
import type { EventFacts } from "../payload.ts";

/** An event as vendors tell it: which of their cases it is, and what is said about it. */
export type Telling = {
  facts: EventFacts;
  happening: Happening;
  /** The provider's or the receiving server's words, or what there is to say without them. One line. */
  said: string;
  /** Reply code and RFC 3463 status, as far as the words begin with them. */
  code: number | null;
  status: string | null;
  attempt: number;
  url: string;
  userAgent: string;
};

/** Null: an event of which no vendor has a notion. */
export function tellingOf(facts: EventFacts): Telling | null {
  const happening = happeningOf(facts);
  if (happening === null) return null;
  const { detail } = facts;
  const given = textOf(detail["diagnostic"]) ?? textOf(detail["response"]);
  const said = given ?? textOf(detail["cause"]) ?? textOf(detail["reason"]) ?? "";
  const code = /\b([245]\d\d)(?=[ -]|$)/.exec(said)?.[1];
  return {
    facts,
    happening,
    said,
    code: code === undefined ? null : Number(code),
    status: /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(said)?.[0] ?? null,
    attempt: typeof detail["attempt"] === "number" ? detail["attempt"] : 1,
    url: textOf(detail["url"]) ?? "",
    userAgent: textOf(detail["userAgent"]) ?? "",
  };
}

function happeningOf({ kind, detail }: EventFacts): Happening | null {
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
      return REFUSALS.get(textOf(detail["cause"]) ?? "") ?? "refused";
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

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
