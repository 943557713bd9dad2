import type { Expression } from "../ast.ts";
import { TEMPLATE_BOUNDS } from "../bounds.ts";
import { Builder, quoted } from "../builder.ts";
import { TemplateFault } from "../problem.ts";
import { type Piece, piecesOf } from "./braces.ts";
import type { FrontEnd } from "./dialect.ts";

/**
 * Mustachio, the language of Postmark's templates. Unlike Mustache's, its sections do not repeat (`each` does), and a
 * section opens a scope for each step of its path, which `../` leaves one by one; so it is in an inverted section, too.
 * Documents: Postmark "Template syntax", github.com/ActiveCampaign/mustachio (Tokenizer.cs, ContextObject.cs, Parser.cs).
 */
export const mustachio: FrontEnd = {
  missing: "empty",
  foldNames: false,
  read({ source }) {
    const builder = new Builder();
    for (const piece of piecesOf(source, false)) {
      if (piece.kind === "text") builder.text(piece.text, piece.at);
      else readTag(piece, builder);
    }
    return builder.finished();
  },
};

function readTag({ sigil, inside, insideAt, at }: Extract<Piece, { kind: "tag" }>, builder: Builder): void {
  switch (sigil) {
    case "!":
      return;
    case ">":
      throw new TemplateFault(
        "template-not-supported",
        at,
        `Partials, as ${quoted(`{{> ${inside}}}`)}, are not known here.`,
      );
    case "#": {
      const each = /^each\s+/.exec(inside)?.[0];
      if (each === undefined) {
        if (inside === "each") throw new TemplateFault("template-syntax", at, "`each` needs the name of a list.");
        return builder.openWith(inside, pathOf(inside, insideAt), "each-step", at);
      }
      const over = pathOf(inside.slice(each.length), insideAt + each.length);
      return builder.openEach("each", over, "each-step", at);
    }
    case "^":
      builder.openWith(inside, pathOf(inside, insideAt), "each-step", at);
      return builder.orElse(at);
    case "/":
      return builder.close(inside, at);
    case "&":
    case "":
      return builder.value(pathOf(inside, insideAt), sigil === "&", at);
  }
}

/** `a.b`, `.`, `../a`, `../../a.b`. */
function pathOf(text: string, at: number): Expression {
  if (text.startsWith("@")) {
    throw new TemplateFault(
      "template-not-supported",
      at,
      `${quoted(text)} is not known here: layouts are joined before.`,
    );
  }
  let up = 0;
  let rest = text;
  for (; rest.startsWith("../"); rest = rest.slice(3)) up += 1;
  if (rest === ".") rest = "";
  if (!/^(?:[\w]+(?:\.[\w]+)*)?$/.test(rest) || text === "") {
    throw new TemplateFault(
      "template-syntax",
      at,
      `${quoted(text)} is no path: letters, digits, _ and dots, after any \`../\`.`,
    );
  }
  const steps = rest === "" ? [] : rest.split(".");
  if (steps.length > TEMPLATE_BOUNDS.pathSteps || up > TEMPLATE_BOUNDS.pathSteps) {
    throw new TemplateFault("template-too-deep", at, `${quoted(text)} has too many steps.`);
  }
  return { kind: "path", start: "here", up, steps, text, at };
}
