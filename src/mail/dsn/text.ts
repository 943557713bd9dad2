import { REPORT_BOUNDS } from "./bounds.ts";

const RESPONSE_CHARACTERS = 300;

/** What a server said, as DeliveryEvent keeps it: one line, no controls, at most 300 characters; null where nothing is left. */
export function oneLine(text: string): string | null {
  const line = text
    .slice(0, 2_000)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line === "" ? null : line.slice(0, RESPONSE_CHARACTERS).toWellFormed();
}

/** Lines of text for people, none longer and not more than REPORT_BOUNDS says; so patterns may look at each of them. */
export const boundedLines = (text: string): string[] =>
  text
    .slice(0, REPORT_BOUNDS.textCharacters)
    .split("\n", REPORT_BOUNDS.lines)
    .map((line) => line.slice(0, REPORT_BOUNDS.lineCharacters).trimEnd());

/** Text of HTML, well enough to find sentences and addresses in it: reports come as HTML alone from some systems. */
export const textOfHtml = (html: string): string =>
  html
    .replace(/<(?:br|\/p|\/div|\/tr|\/li|\/h\d|\/td|\/title)\b[^<>]{0,200}>/gi, "\n")
    .replace(/<(?:!|\/?[a-z])[^<>@]{0,1000}>/gi, "")
    .replace(
      /&(nbsp|lt|gt|amp|quot|#\d{1,4});/gi,
      (whole: string, name: string) => entity(name.toLowerCase()) ?? whole,
    );

const ENTITIES: Readonly<Record<string, string>> = { nbsp: " ", lt: "<", gt: ">", amp: "&", quot: '"' };
const entity = (name: string): string | undefined =>
  name.startsWith("#") ? String.fromCharCode(Number(name.slice(1))) : ENTITIES[name];
