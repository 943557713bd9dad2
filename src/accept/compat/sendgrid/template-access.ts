import type { PutAnswer, Template, TemplateVersion } from "../../../templates/index.ts";
import { problemText } from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import { type Fault, fault, notFound } from "./dialect.ts";
import { refsOf } from "./template-ids.ts";
import { versionIdOf, versionsThere } from "./template-there.ts";

export type Found = { template: Template; versions: TemplateVersion[] };

/** Those that SendGrid's templates can be: its own language, and its older substitutions. */
export const isTheirs = ({ dialect }: Pick<Template, "dialect">): boolean =>
  dialect === "handlebars" || dialect === "substitution";

export async function findTemplate(tenant: string, id: string, { templates }: CompatParts): Promise<Found | null> {
  for (const ref of refsOf(id)) {
    const template = await templates.get(tenant, ref);
    if (!template || !isTheirs(template)) continue;
    const versions = (await templates.versions(tenant, { uuid: template.uuid })) ?? [];
    return { template, versions: versionsThere(versions) };
  }
  return null;
}

export const versionOf = ({ versions }: Found, id: string): TemplateVersion | undefined =>
  versions.find((one) => versionIdOf(one) === id);
export const isActive = ({ template }: Found, { uuid }: TemplateVersion): boolean => template.published?.uuid === uuid;

export function putFault(answer: Exclude<PutAnswer, { kind: "stored" }>): Fault {
  if (answer.kind === "problems")
    return fault(400, problemText(answer.problems[0]!), fieldOf(answer.problems[0]!.part));
  return answer.code === "template-not-found" ? notFound("template") : fault(400, answer.detail);
}

const FIELDS = { subject: "subject", html: "html_content", text: "plain_content" } as const;
const fieldOf = (part: keyof typeof FIELDS): string => FIELDS[part];
