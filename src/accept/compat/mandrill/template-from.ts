import type { Template } from "../../../templates/index.ts";
import { Faults } from "../../http/submit/faults.ts";
import { readMailbox } from "../../http/submit/mailboxes.ts";

/** A template's author there is an address and a name, either of which may be missing, and both belong to its versions. */
export type From = { email: string | null; name: string | null };

/** What a template of ours keeps beside its `from`, which is the published one. */
type Extra = { fromName?: string | null; draftFrom?: From };
const extraOf = ({ extra }: Pick<Template, "extra">): Extra => extra as Extra;

export function publishedFrom(template: Pick<Template, "from" | "extra">): From {
  const read = template.from === null ? null : readMailbox(template.from, "", new Faults());
  return { email: read?.mailbox.address ?? null, name: read?.name ?? extraOf(template).fromName ?? null };
}

export const draftFrom = (template: Pick<Template, "from" | "extra">): From =>
  extraOf(template).draftFrom ?? publishedFrom(template);

/** The change of a template that gives its draft an author, and with `publish` its published version as well. */
export function fromChange(
  from: From,
  publish: boolean,
  before: Template | null,
): { from: string | null; extra: Extra } {
  const kept = before ?? { from: null, extra: {} };
  const { draftFrom: _, ...extra } = extraOf(kept);
  if (publish) return { from: mailboxText(from), extra: { ...extra, fromName: from.name } };
  return { from: kept.from, extra: { ...extra, draftFrom: from } };
}

const mailboxText = ({ email, name }: From): string | null =>
  email === null || !name ? email : `"${name.replace(/["\\]/g, "\\$&")}" <${email}>`;
