/** An element that may be filled; what its tag holds besides, stays. No `<` within, so that this reads every source once. */
const REGION = /<([a-zA-Z][\w:-]*)(?=\s)[^<>]*\smc:edit\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')[^<>]*>/g;
const FILLED_MOST = 100;

/**
 * Puts what a request brings for the `mc:edit` regions of a Mandrill template (`template_content`) into its source, before
 * that is compiled: merge tags in it work. It is HTML and goes in as it is, so it has no place in mail of class C0.
 * A region nothing was brought for keeps what is in it; a name there is no region of is passed over, as there.
 */
export function fillRegions(source: string, contents: ReadonlyMap<string, string>): string {
  let made = "";
  let from = 0;
  let filled = 0;
  REGION.lastIndex = 0;
  for (let match = REGION.exec(source); match && filled < FILLED_MOST; match = REGION.exec(source)) {
    const [tag, element, double, single] = match;
    const content = contents.get(double ?? single ?? "");
    if (content === undefined) continue;
    const inside = match.index + tag.length;
    const end = closeOf(source, element!, inside);
    if (end === -1) continue;
    filled += 1;
    made += source.slice(from, inside) + content;
    from = end;
    REGION.lastIndex = end;
  }
  return made + source.slice(from);
}

/** Where the element that began before `from` is closed, or -1. */
function closeOf(source: string, element: string, from: number): number {
  const tags = new RegExp(`<(/?)${element}(?=[\\s/>])[^<>]*>`, "gi");
  tags.lastIndex = from;
  let depth = 1;
  for (let tag = tags.exec(source); tag; tag = tags.exec(source)) {
    if (tag[1] === "/") depth -= 1;
    else if (!tag[0].endsWith("/>")) depth += 1;
    if (depth === 0) return tag.index;
  }
  return -1;
}
