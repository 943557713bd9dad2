import { quoted } from "../builder.ts";
import { TemplateFault } from "../problem.ts";

/** A piece of a source written with `{{ … }}`. */
export type Piece =
  | { kind: "text"; text: string; at: number }
  | {
      kind: "tag";
      /** What the first character says: block, inverted block, close, comment, raw value, partial, or a value. */
      sigil: "#" | "^" | "/" | "!" | "&" | ">" | "";
      /** What stands inside, without sigil and `~`, and where it begins. */
      inside: string;
      insideAt: number;
      at: number;
      trimBefore: boolean;
      trimAfter: boolean;
    };

const SIGIL = /^[#^/!&>]/;

/** Cuts a source at its tags. `escapes`: `\{{` is no tag (Handlebars; Mustachio knows none). */
export function piecesOf(source: string, escapes: boolean): Piece[] {
  const pieces: Piece[] = [];
  let text = "";
  let textAt = 0;
  let at = 0;
  const add = (more: string, from: number) => {
    if (text === "") textAt = from;
    text += more;
  };
  const flush = () => {
    if (text !== "") pieces.push({ kind: "text", text, at: textAt });
    text = "";
  };
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    if (open === -1) {
      add(source.slice(at), at);
      break;
    }
    let before = source.slice(at, open);
    if (escapes && before.endsWith("\\")) {
      before = before.slice(0, -1);
      if (!before.endsWith("\\")) {
        // `\{{x}}` shows `{{x}}`.
        const end = source.indexOf("}}", open);
        const stop = end === -1 ? source.length : end + 2;
        add(before + source.slice(open, stop), at);
        at = stop;
        continue;
      }
    }
    if (before !== "") add(before, at);
    flush();
    const tag = tagAt(source, open);
    pieces.push(tag.piece);
    at = tag.end;
  }
  flush();
  return pieces;
}

function tagAt(source: string, open: number): { piece: Piece; end: number } {
  if (source.startsWith("{{{{", open)) {
    throw new TemplateFault("template-not-supported", open, "Raw blocks, `{{{{`, are not known here.");
  }
  const triple = source.startsWith("{{{", open);
  let from = open + (triple ? 3 : 2);
  const trimBefore = !triple && source[from] === "~";
  if (trimBefore) from += 1;
  const sigil = triple ? "&" : ((SIGIL.exec(source[from] ?? "")?.[0] ?? "") as "" | "#");
  if (!triple && sigil !== "") from += 1;
  const closing = triple ? "}}}" : "}}";
  const end = source.startsWith("!--", from - 1) ? dashedEnd(source, from) : endOf(source, from, closing);
  if (end === -1) {
    throw new TemplateFault("template-syntax", open, `${quoted(source.slice(open, open + 20))} is never closed.`);
  }
  const trimAfter = !triple && source[end - 1] === "~";
  const inside = source.slice(from, trimAfter ? end - 1 : end);
  const spaces = inside.length - inside.trimStart().length;
  const piece: Piece = {
    kind: "tag",
    sigil,
    inside: inside.trim(),
    insideAt: from + spaces,
    at: open,
    trimBefore,
    trimAfter,
  };
  return { piece, end: end + closing.length };
}

/** Of `{{!-- … --}}`, which may hold `}}`. */
function dashedEnd(source: string, from: number): number {
  const match = /--~?\}\}/g;
  match.lastIndex = from;
  const found = match.exec(source);
  return found ? found.index + found[0].length - 2 : -1;
}

/** The first `closing` that stands in no string. */
function endOf(source: string, from: number, closing: string): number {
  for (let at = from; at < source.length; at += 1) {
    const char = source[at]!;
    if (source.startsWith(closing, at)) return at;
    if (char === "{" && source[at + 1] === "{") return -1;
    if ((char === '"' || char === "'") && source[from - 1] !== "!") {
      const close = source.indexOf(char, at + 1);
      if (close === -1) return source.indexOf(closing, at);
      at = close;
    }
  }
  return -1;
}

/** A tag that prints nothing and has a line for itself takes the line away with it (Handlebars, "whitespace control"). */
export function withoutBareLines(pieces: readonly Piece[], printsNothing: (piece: Piece) => boolean): Piece[] {
  const kept = pieces.map((piece) => ({ ...piece }));
  pieces.forEach((piece, n) => {
    if (piece.kind !== "tag" || !printsNothing(piece)) return;
    const before = pieces[n - 1];
    const after = pieces[n + 1];
    const begins = before === undefined || (before.kind === "text" && /(?:^|\n)[ \t]*$/.test(before.text));
    const startsLine =
      begins && (before === undefined || n === 1 || /\n[ \t]*$/.test((before as { text: string }).text));
    const endsLine = after === undefined || (after.kind === "text" && /^[ \t]*(?:\r?\n|$)/.test(after.text));
    const lastText = after?.kind === "text" && !/^[ \t]*\r?\n/.test(after.text);
    if (!startsLine || !endsLine || (lastText && n + 2 < pieces.length)) return;
    const left = kept[n - 1];
    const right = kept[n + 1];
    if (left?.kind === "text") left.text = left.text.replace(/[ \t]*$/, "");
    if (right?.kind === "text") {
      const trimmed = right.text.replace(/^[ \t]*(?:\r?\n)?/, "");
      right.at += right.text.length - trimmed.length;
      right.text = trimmed;
    }
  });
  for (let n = 0; n < kept.length; n += 1) {
    const piece = kept[n]!;
    if (piece.kind !== "tag") continue;
    const left = kept[n - 1];
    const right = kept[n + 1];
    if (piece.trimBefore && left?.kind === "text") left.text = left.text.trimEnd();
    if (piece.trimAfter && right?.kind === "text") right.text = right.text.trimStart();
  }
  return kept;
}
