import type { Template } from "../../../templates/index.ts";
import { dateThere } from "./dates.ts";
import { draftFrom, publishedFrom } from "./template-from.ts";

const LONGEST_SLUG = 100;

/** What a template of a name is called for good: `Example Template` is `example-template`. "" where nothing is left of it. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, LONGEST_SLUG);

/** Mandrill tells every template with its sources, those that go out beside those of the draft. */
export function templateThere(template: Template): object {
  const { draft, published } = template;
  const [from, publishFrom] = [draftFrom(template), publishedFrom(template)];
  return {
    slug: template.name,
    name: template.displayName,
    labels: template.labels,
    code: draft.html ?? "",
    subject: draft.subject,
    from_email: from.email,
    from_name: from.name,
    text: draft.text,
    publish_name: published ? template.displayName : null,
    publish_code: published ? (published.html ?? "") : null,
    publish_subject: published?.subject ?? null,
    publish_from_email: published ? publishFrom.email : null,
    publish_from_name: published ? publishFrom.name : null,
    publish_text: published?.text ?? null,
    published_at: published ? dateThere(published.createdAt) : null,
    created_at: dateThere(template.createdAt),
    updated_at: dateThere(template.updatedAt),
    draft_updated_at: dateThere(draft.createdAt),
    is_broken_template: false, // what does not compile is not kept
  };
}
