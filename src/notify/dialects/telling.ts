import { type Happening, happeningOf } from "../../mail/index.ts";
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

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
