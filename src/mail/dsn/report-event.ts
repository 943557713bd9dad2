import { type DeliveryEvent, deliveryEvent } from "../delivery-event.ts";
import { isVague, statusClass } from "./status-class.ts";
import { statusInText } from "./status-in-text.ts";
import { oneLine } from "./text.ts";

/** What a report says about one recipient, before it is put into our words. */
export type Said = {
  type: "bounced" | "deferred" | "delivered";
  recipient: string | null;
  /** As the report has it; null where it has none. */
  status: string | null;
  /** What a server said, or what is written about this recipient. */
  said: string;
  at: number | null;
};

export function eventOf({ type, recipient, status, said, at }: Said): DeliveryEvent {
  const event = deliveryEvent({ type, at, recipient, mtaResponse: oneLine(said) });
  if (type === "delivered") return event;
  const found = isVague(status) ? (statusInText(said) ?? status) : (codeOfServer(said) ?? status);
  if (found === null) return type === "deferred" ? event : { ...event, bounce: "soft", rejectReason: "bounced" };
  // Still tried, or tried until its time was over (RFC 3464 §2.3.4): class 4, whatever the words would be elsewhere.
  const code = type === "deferred" || status?.startsWith("4") ? `4${found.slice(1)}` : found;
  const { bounce, reason, meaning } = statusClass(code);
  const known = { ...event, description: `${code}: ${meaning}` };
  return type === "deferred" ? known : { ...known, bounce, rejectReason: reason };
}

/** What the last server answered is worth more than its translation by the reporter (`5.1.1` for every 550). */
function codeOfServer(said: string): string | null {
  const answered = said.slice(0, 2_000).matchAll(/\b[45]\d\d[ -]([45]\.\d{1,2}\.\d{1,3})(?![\d.])/g);
  const codes = new Set([...answered].map((match) => match[1]!));
  const [code] = codes;
  return codes.size === 1 && code !== undefined && !isVague(code) ? code : null;
}

/** RFC 5322 §3.3 as a report writes it; null where it is no date or one that no report can have. */
export function instantOf(text: string | undefined): number | null {
  const at = Date.parse((text ?? "").slice(0, 100).replace(/\([^()]{0,60}\)/g, ""));
  return Number.isNaN(at) || at < 0 || at > Date.UTC(2100, 0) ? null : at;
}

/** The address of `rfc822; <a@b> (comment)` and what else stands in reports' fields; null where there is none. */
export function addressIn(text: string | undefined): string | null {
  const plain = (text ?? "").slice(0, 1_000).replace(/^\s*[\w-]{1,20}\s*;/, "");
  const found = ADDRESS.exec(plain)?.[0];
  return found === undefined ? null : found.replace(/^['"]|['".]+$/g, "");
}

/** Wider than what we send to: it is the report's word, to be compared with recipients that we know. */
export const ADDRESS_TEXT = String.raw`[^\s<>()\[\]:;,"'@\\]{1,128}@[A-Za-z0-9\u0080-\uffff](?:[A-Za-z0-9.\u0080-\uffff-]{0,252}[A-Za-z0-9\u0080-\uffff])?`;
const ADDRESS = new RegExp(ADDRESS_TEXT);
