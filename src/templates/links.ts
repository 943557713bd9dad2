import { schemeOf, unescapeHtml } from "./html/addresses.ts";
import { feed, startState } from "./html/machine.ts";

const IN_TEXT = /(?:https?:\/\/|\bwww\.)[^\s<>"']+/gi;

/** Every address a reader of the part could follow: of attributes, and what mail programs make links of in running text. */
export function linksIn(text: string, isHtml: boolean): string[] {
  if (!isHtml) return text.match(IN_TEXT) ?? [];
  const found: string[] = [];
  let from = 0;
  feed(startState(), text, {
    urlOpen: (at) => {
      from = at;
    },
    urlClose: (at) => {
      found.push(unescapeHtml(text.slice(from, at)));
    },
    text: (start, end) => {
      found.push(...(unescapeHtml(text.slice(start, end)).match(IN_TEXT) ?? []));
    },
  });
  return found;
}

/**
 * The first link that leads to an origin not in `origins` (`https://app.example.com`), or null. mailto:, cid: and places in
 * the same text lead nowhere else.
 */
export function foreignLink(links: readonly string[], origins: readonly string[]): string | null {
  const allowed = new Set(origins.map((origin) => origin.toLowerCase()));
  for (const link of links) {
    const bare = link.trim();
    if (bare === "" || bare.startsWith("#")) continue;
    const scheme = schemeOf(bare);
    if (scheme === "mailto" || scheme === "cid") continue;
    const whole = /^www\./i.test(bare) ? `https://${bare}` : bare.startsWith("//") ? `https:${bare}` : bare;
    if (!URL.canParse(whole)) return bare;
    if (!allowed.has(new URL(whole).origin)) return bare;
  }
  return null;
}
