import { z } from "zod";
import { type Form, first } from "../../../mail/index.ts";
import type { Template, TemplateVersion } from "../../../templates/index.ts";
import { type Fault, fault, isFault, notSupported } from "./dialect.ts";
import { dictionary } from "./orders.ts";
import { tagOf } from "./template-find.ts";

/** What Mailgun has of a version and a version here has not; kept with the template, by the version's tag. */
const detailsShape = z.object({ comment: z.string(), from: z.string().nullable(), replyTo: z.string().nullable() });
const extraShape = z.object({
  createdBy: z.string().default(""),
  versions: z.record(z.string(), detailsShape).default({}),
});
export type VersionDetails = z.infer<typeof detailsShape>;
export type Extra = z.infer<typeof extraShape>;

/** Of a template that was put by another door there is none. */
export function extraOf({ extra }: Pick<Template, "extra">): Extra {
  const read = extraShape.safeParse(extra);
  return read.success ? read.data : { createdBy: "", versions: {} };
}

const detailsOf = (template: Template, tag: string): VersionDetails | undefined => {
  const { versions } = extraOf(template);
  return Object.hasOwn(versions, tag) ? versions[tag] : undefined;
};
export const commentOf = (template: Template, tag: string): string => detailsOf(template, tag)?.comment ?? "";

/** Author and Reply-To of a version; those of the template where it has none of its own. */
export function headersOf(
  template: Template,
  version: TemplateVersion,
): { from: string | null; replyTo: string | null } {
  const details = detailsOf(template, tagOf(version));
  return { from: details?.from ?? template.from, replyTo: details?.replyTo ?? template.replyTo };
}

const LINE = /^\P{Cc}{0,500}$/u;

/** What a request says of a version; absent: as it is. */
export type VersionChange = {
  html?: string;
  subject?: string;
  from?: string;
  replyTo?: string;
  comment?: string;
  isActive: boolean;
};

export function versionChange(form: Form): VersionChange | Fault {
  const engine = first(form, "engine");
  if (engine && engine !== "handlebars") return notSupported(`The engine ${engine.slice(0, 40)}`);
  if (first(form, "mjml")) return notSupported("mjml");
  const headers = dictionary(form, "headers");
  if (isFault(headers)) return headers;
  const change: VersionChange = { isActive: /^(?:yes|true)$/i.test(first(form, "active") ?? "") };
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string") return fault(400, `The header ${name.slice(0, 40)} is no text`);
    if (name.toLowerCase() === "subject") change.subject = value;
    else if (name.toLowerCase() === "from") change.from = value;
    else if (name.toLowerCase() === "reply-to") change.replyTo = value;
    else return fault(400, "Only the headers From, Subject and Reply-To are kept with a template");
  }
  const html = first(form, "template");
  const comment = first(form, "comment");
  const lines = [comment, change.from, change.replyTo, first(form, "createdBy")];
  if (lines.some((line) => line !== undefined && !(LINE.test(line) && line.isWellFormed())))
    return fault(400, "Comments, addresses and createdBy are one line of at most 500 characters");
  return { ...change, ...(html ? { html } : {}), ...(comment === undefined ? {} : { comment }) };
}

/** The template's extra with what is now known of a version, and without those whose versions are gone. */
export function withDetails(
  extra: Extra,
  tag: string,
  { comment, from, replyTo }: VersionChange,
  others: readonly string[],
): Extra {
  const before = Object.hasOwn(extra.versions, tag) ? extra.versions[tag] : undefined;
  const details: VersionDetails = {
    comment: comment ?? before?.comment ?? "",
    from: from ?? before?.from ?? null,
    replyTo: replyTo ?? before?.replyTo ?? null,
  };
  const kept = Object.entries(extra.versions).filter(([name]) => name !== tag && others.includes(name));
  const isEmpty = details.comment === "" && details.from === null && details.replyTo === null;
  return { ...extra, versions: Object.fromEntries(isEmpty ? kept : [...kept, [tag, details]]) };
}
