import { type Template, type TemplateVersion, problemText } from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import { type Fault, fault, instant } from "./dialect.ts";
import { tagOf } from "./template-find.ts";
import { commentOf, extraOf, headersOf } from "./template-headers.ts";

type Described = Pick<Template, "name" | "displayName" | "createdAt" | "uuid">;

export const summaryThere = ({ name, displayName, createdAt, uuid }: Described): object => ({
  name,
  description: displayName,
  createdAt: instant(createdAt),
  createdBy: "",
  id: uuid,
});
export const templateThere = (template: Template): object => ({
  ...summaryThere(template),
  createdBy: extraOf(template).createdBy,
});

/** In lists without its content. */
export const versionSummary = (template: Template, version: TemplateVersion): object => ({
  tag: tagOf(version),
  engine: template.dialect,
  mjml: "",
  createdAt: instant(version.createdAt),
  comment: commentOf(template, tagOf(version)),
  active: template.published?.uuid === version.uuid,
  id: version.uuid,
});

export function versionThere(template: Template, version: TemplateVersion): object {
  const { from, replyTo } = headersOf(template, version);
  return {
    ...versionSummary(template, version),
    template: version.html ?? version.text ?? "",
    headers: {
      ...(from === null ? {} : { From: from }),
      ...(version.subject === null ? {} : { Subject: version.subject }),
      ...(replyTo === null ? {} : { "Reply-To": replyTo }),
    },
  };
}

/** The template as it is now kept, or why it is not. */
export function stored(answer: Awaited<ReturnType<CompatParts["templates"]["put"]>>): { template: Template } | Fault {
  if (answer.kind === "stored") return { template: answer.template };
  if (answer.kind === "problems")
    return fault(400, `failed to parse the template: ${problemText(answer.problems[0]!)}`);
  return fault(answer.code === "template-not-found" ? 404 : 400, answer.detail);
}
