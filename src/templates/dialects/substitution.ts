import { Builder, quoted } from "../builder.ts";
import { TemplateFault } from "../problem.ts";
import type { FrontEnd } from "./dialect.ts";

/**
 * SendGrid's substitutions before there were dynamic templates: any text of the request's choice, such as `-name-` or
 * `%name%`, is replaced where it stands. Of two that begin at one place the longer one counts.
 * Document: SendGrid "Substitution tags" (seen 2026-11).
 */
export const substitution: FrontEnd = {
  missing: "empty",
  foldNames: false,
  read({ source, tags }) {
    const builder = new Builder();
    const known = [...new Set(tags)].filter((tag) => tag !== "").toSorted((a, b) => b.length - a.length);
    if (known.length === 0) {
      builder.text(source, 0);
      return builder.finished();
    }
    const any = new RegExp(known.map((tag) => tag.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")).join("|"), "g");
    let from = 0;
    for (const { 0: tag, index } of source.matchAll(any)) {
      builder.text(source.slice(from, index), from);
      builder.value({ kind: "path", start: "here", up: 0, steps: [tag], text: tag, at: index }, false, index);
      from = index + tag.length;
    }
    builder.text(source.slice(from), from);
    return builder.finished();
  },
};

/** Written by Mailgun where it renders. */
const PROVIDERS_OWN = /^(?:(?:tag_|mailing_list_)?unsubscribe_(?:url|email))$/;
const VARIABLE = /%(recipient\.[A-Za-z0-9_.-]+|(?:tag_|mailing_list_)?unsubscribe_(?:url|email))%/g;

/**
 * Mailgun's recipient variables: `%recipient.name%` is `name` of what `recipient-variables` holds for the recipient.
 * Document: Mailgun "Batch sending" (seen 2026-11).
 */
export const recipientVariables: FrontEnd = {
  missing: "empty",
  foldNames: false,
  read({ source }) {
    const builder = new Builder();
    let from = 0;
    for (const { 0: whole, 1: name, index } of source.matchAll(VARIABLE)) {
      if (PROVIDERS_OWN.test(name!)) {
        throw new TemplateFault(
          "template-not-supported",
          index,
          `${quoted(whole)} is Mailgun's own and not known here.`,
        );
      }
      builder.text(source.slice(from, index), from);
      const steps = name!.split(".").slice(1);
      if (steps.some((step) => step === ""))
        throw new TemplateFault("template-syntax", index, `${quoted(whole)} is no name.`);
      builder.value({ kind: "path", start: "here", up: 0, steps, text: whole, at: index }, false, index);
      from = index + whole.length;
    }
    builder.text(source.slice(from), from);
    return builder.finished();
  },
};
