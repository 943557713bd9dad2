import { schemeOf, unescapeHtml } from "./html/addresses.ts";
import { feed, startState } from "./html/machine.ts";

const IN_TEXT = /(?:https?:\/\/|\bwww\.)[^\s<>"']+/gi;

/** Attributes that are followed by a click; the others (`src` …) show something in the mail itself. */
const FOLLOWED: ReadonlySet<string> = new Set(["href", "xlink:href", "action", "formaction", "ping"]);

/** Every address a reader of the part could follow: of attributes, and what mail programs make links of in running text. */
export function linksIn(text: string, isHtml: boolean): string[] {
  if (!isHtml) return text.match(IN_TEXT) ?? [];
  const found: string[] = [];
  const state = startState();
  let from = 0;
  feed(state, text, {
    urlOpen: (at) => {
      from = at;
    },
    urlClose: (at) => {
      if (FOLLOWED.has(state.attribute) && state.element !== "link") found.push(unescapeHtml(text.slice(from, at)));
    },
    text: (start, end) => {
      found.push(...(unescapeHtml(text.slice(start, end)).match(IN_TEXT) ?? []));
    },
  });
  return found;
}

/** The first link that `may` does not let pass, or null. mailto:, cid: and places in the same text lead nowhere else. */
export function refusedLink(links: readonly string[], may: (link: URL) => boolean): string | null {
  for (const link of links) {
    const bare = link.trim();
    if (bare === "" || bare.startsWith("#")) continue;
    const scheme = schemeOf(bare);
    if (scheme === "mailto" || scheme === "cid") continue;
    const whole = /^www\./i.test(bare) ? `https://${bare}` : /^[\\/]{2}/.test(bare) ? `https:${bare}` : bare;
    if (!URL.canParse(whole) || !may(new URL(whole))) return bare;
  }
  return null;
}
