const LINKS = 50;
const LINK_CHARACTERS = 2_000;

// Neither looks at a character more than a few times, whatever a message holds: a tag ends where the next one begins.
const ANCHOR = /<a\s[^<>]*/gi;
const HREF = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))/i;
const BARE = /\bhttps?:\/\/[^\s<>"'()[\]{}]+/gi;

/**
 * The web addresses in a message. The frame that shows its HTML lets nobody follow a link, and that is wanted; but who
 * tests a confirmation mail needs its link, so they are listed in full, where no label can lie about them.
 */
export function linksOf(html: string | null, text: string | null): string[] {
  const found = new Set<string>();
  for (const [tag] of (html ?? "").matchAll(ANCHOR)) {
    const [, double, single, bare] = HREF.exec(tag) ?? [];
    add(found, decodeAmpersands(double ?? single ?? bare ?? ""));
    if (found.size === LINKS) return [...found];
  }
  for (const [link] of (text ?? "").matchAll(BARE)) {
    add(found, link.replace(/[.,;:!?]{1,20}$/, ""));
    if (found.size === LINKS) break;
  }
  return [...found];
}

function add(found: Set<string>, text: string): void {
  if (text.length > LINK_CHARACTERS) return;
  const url = URL.parse(text.trim());
  // Parsed and written again: a name in another script shows as its xn-- form, and nothing but the web gets a link.
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) found.add(url.href);
}

const decodeAmpersands = (text: string): string => text.replaceAll(/&(?:amp|#38|#x26);/gi, "&");
