/**
 * Text as a terminal shows it. What providers, senders and recipients wrote is printed beside our own words, so
 * nothing of it may steer the terminal or turn the reading direction.
 */
const UNSAFE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** `text` on one line, with control and direction characters written out (`\x1b`). */
export const printable = (text: string): string =>
  text.replace(UNSAFE, (char) => {
    const code = char.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Unicode UAX #11, the ranges of wide characters in everyday use: Hangul, kana, ideographs, full-width forms. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u;
/** Colour codes: our own (paint.ts), added after `printable`. */
// oxlint-disable-next-line no-control-regex
const COLOUR = /\x1b\[\d+m/g;

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** Terminal columns `text` takes. */
export function displayWidth(text: string): number {
  const bare = text.replace(COLOUR, "");
  if (isPlain(bare)) return bare.length;
  let width = 0;
  for (const { segment } of graphemes.segment(bare)) width += segmentWidth(segment);
  return width;
}

const segmentWidth = (segment: string): number =>
  /^[\p{M}\p{Cf}]+$/u.test(segment) ? 0 : WIDE.test(segment) || EMOJI.test(segment) ? 2 : 1;

/** At most `width` columns; what was longer ends in `…`. For text without colours. */
export const cut = (text: string, width: number): string =>
  displayWidth(text) <= width ? text : `${beginning(text, width - 1)}…`;

/** As much of the text as `width` columns hold, in whole characters. */
function beginning(text: string, width: number): string {
  let kept = "";
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = segmentWidth(segment);
    if (used + next > width) break;
    kept += segment;
    used += next;
  }
  return kept;
}

export const padEnd = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - displayWidth(text)));
export const padStart = (text: string, width: number): string =>
  " ".repeat(Math.max(0, width - displayWidth(text))) + text;

/** Lines of at most `width` columns, broken at spaces; a word longer than a line is broken where the line ends. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(" ")) {
    if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = "";
    }
    while (line === "" && displayWidth(word) > width) {
      const piece = beginning(word, width) || word; // a width of 1 holds no wide character
      lines.push(piece);
      word = word.slice(piece.length);
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  return lines;
}
