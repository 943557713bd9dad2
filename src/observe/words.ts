import type { DeliveryEvent, MessageClass } from "../mail/index.ts";

/** Runs that could be a code, a token or a part of a link. */
const WORD = /[A-Za-z0-9_-]{4,}/g;
const ADDRESS = /[^\s<>()[\]:;,"]{1,64}(?:@|%40)[A-Za-z0-9.-]{1,255}/gi;
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

const RESPONSE = 300;
const USER_AGENT = 200;
const URL_OCTETS = 1_000;

const isSecretLike = (word: string): boolean => (/\d/.test(word) && !/^\d{1,3}$/.test(word)) || word.length >= 20;

/** Text of another, as a row takes it: one line, whole characters, no NUL. */
export const plain = (text: string | null, most: number): string | null => {
  if (text === null) return null;
  const line = text
    .slice(0, most * 2)
    .replace(UNPRINTABLE, " ")
    .trim()
    .slice(0, most)
    .toWellFormed();
  return line === "" ? null : line;
};

/**
 * A provider's words about a message, as rows keep them long after its text is gone. Receiving servers like to quote what
 * they did not like, and a followed link may be the secret itself: of what matters (C0 to C2) every word that could be one
 * goes, and links are not kept at all.
 */
export function saidOf(
  event: DeliveryEvent,
  messageClass: MessageClass,
): { response: string | null; description: string | null; userAgent: string | null; url: string | null } {
  const isGuarded = messageClass === "C0" || messageClass === "C1" || messageClass === "C2";
  const said = (text: string | null): string | null => {
    const line = plain(text, RESPONSE)?.replace(ADDRESS, "[address]") ?? null;
    return line !== null && isGuarded ? line.replace(WORD, (word) => (isSecretLike(word) ? "[…]" : word)) : line;
  };
  return {
    response: said(event.mtaResponse),
    description: said(event.description),
    userAgent: plain(event.userAgent, USER_AGENT),
    url: isGuarded ? null : plain(event.url, URL_OCTETS),
  };
}
