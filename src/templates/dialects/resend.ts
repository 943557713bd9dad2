import { Builder, quoted } from "../builder.ts";
import { TemplateFault } from "../problem.ts";
import { piecesOf } from "./braces.ts";
import type { FrontEnd } from "./dialect.ts";

/** `NAME` or `NAME|what stands for it`. */
const VARIABLE = /^([A-Za-z0-9_]{1,100})(?:\|([\s\S]*))?$/;

/**
 * Variables of Resend's templates: `{{{PRODUCT}}}`, and no logic. The three brackets do not mean raw here, since Resend
 * has no other form: values are written as their place demands. A value that is not given and has no fallback is an error,
 * as it is there. Document: Resend "Working with variables" (seen 2026-11).
 */
export const resend: FrontEnd = {
  missing: "error",
  foldNames: false,
  read({ source, fallbacks }) {
    const builder = new Builder();
    for (const piece of piecesOf(source, false)) {
      if (piece.kind === "text") {
        builder.text(piece.text, piece.at);
        continue;
      }
      const { inside, insideAt, at } = piece;
      const match = piece.sigil === "&" || piece.sigil === "" ? VARIABLE.exec(inside) : null;
      if (!match) {
        throw new TemplateFault("template-not-supported", at, `Variables alone are known here, not ${quoted(inside)}.`);
      }
      const [, name, own] = match;
      const path = { kind: "path" as const, start: "here" as const, up: 0, steps: [name!], text: name!, at: insideAt };
      const other = own ?? (Object.hasOwn(fallbacks, name!) ? fallbacks[name!]! : undefined);
      if (other === undefined) builder.value(path, false, at);
      else {
        const literal = { kind: "literal" as const, value: other, at: insideAt };
        builder.value({ kind: "call", helper: "fallback", arguments: [path, literal], at: insideAt }, false, at);
      }
    }
    return builder.finished();
  },
};
