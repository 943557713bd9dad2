/**
 * A list as people write it: addresses with or without names, parted by commas; a comma in quotes parts nothing. Gone
 * through once, whatever it holds: it may be as long as a request.
 */
export function addressList(given: string | null | undefined): string[] {
  const text = given ?? "";
  const list: string[] = [];
  let from = 0;
  let isQuoted = false;
  const take = (to: number): void => {
    const one = text.slice(from, to).trim();
    if (one !== "") list.push(one);
    from = to + 1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') isQuoted = !isQuoted;
    else if (char === "\\" && isQuoted) at += 1;
    else if (char === "," && !isQuoted) take(at);
  }
  take(text.length);
  return list;
}
