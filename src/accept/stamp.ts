import type { Clock } from "../kernel/index.ts";
import { type Header, headerValue, rewriteHeader } from "../mail/index.ts";

/** Fields that end here. Bcc names hidden recipients; Return-Path is the last hop's to write (RFC 5321 §4.4); X-Postern-… are ours. */
const ENDS_HERE = (name: string): boolean => name === "bcc" || name === "return-path" || name.startsWith("x-postern-");

export type StampFacts = {
  spoolId: string;
  hostname: string;
  door: "smtp" | "http" | "internal" | "canary";
  needsSmtputf8: boolean;
  acceptedAt: number;
};

/**
 * The message as it will be sent: trace field (RFC 5321 §4.4), our immutable id, and the fields RFC 6409 §8 lets a
 * submission server add where they are missing (Message-ID §8.3, Date §8.2).
 */
export function stamped(raw: Buffer, header: Header, facts: StampFacts): { raw: Buffer; messageId: string } {
  const date = rfc5322Date(facts.acceptedAt);
  const given = headerValue(header, "message-id");
  const messageId = given ?? `<${facts.spoolId}@${facts.hostname}>`;
  const trace =
    `Received: by ${facts.hostname} (Postern) with ${protocolOf(facts)} id ${facts.spoolId};\r\n` +
    `\t${date}\r\n` +
    `X-Postern-Id: ${facts.spoolId}\r\n`;
  const missing =
    (given === undefined ? `Message-ID: ${messageId}\r\n` : "") +
    (headerValue(header, "date") === undefined ? `Date: ${date}\r\n` : "");
  return { raw: rewriteHeader(raw, header, { prepend: trace, append: missing, drop: ENDS_HERE }), messageId };
}

/** RFC 3848 and RFC 6531 §4.3 name the ways; the client is left out on purpose: receivers need not know a customer's inner hosts. */
function protocolOf(facts: StampFacts): string {
  if (facts.door === "smtp") return facts.needsSmtputf8 ? "UTF8SMTPA" : "ESMTPA";
  // A canary must look like the mail it stands for.
  return facts.door === "internal" ? "LOCAL" : "HTTP";
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
let lastSecond = -1;
let lastText = "";

/** RFC 5322 §3.3, in UTC. The text of a second is kept: thousands of messages share it. */
export function rfc5322Date(at: ReturnType<Clock["now"]>): string {
  const second = Math.floor(at / 1000);
  if (second === lastSecond) return lastText;
  const date = new Date(second * 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  lastText =
    `${DAYS[date.getUTCDay()]!}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]!} ${date.getUTCFullYear()} ` +
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
  lastSecond = second;
  return lastText;
}
