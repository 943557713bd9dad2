import {
  type CompiledTemplate,
  type TemplateProblem,
  type TemplateRules,
  compileTemplate,
  problemText,
  renderTemplate,
} from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import { type SesError, badRequest, notFound, notSupported } from "./errors.ts";
import type { Simple, TemplateContent, TemplateGiven } from "./shape.ts";

const DIALECT = "handlebars";

/** The template a request names, or brings along. */
export async function templateOf(
  given: TemplateGiven,
  tenant: string,
  { templates }: CompatParts,
): Promise<CompiledTemplate | SesError> {
  const { TemplateName: name, TemplateContent: content, TemplateArn: arn } = given;
  if (content) {
    const compiled = compileTemplate(sourcesOf(content), { dialect: DIALECT });
    return compiled.kind === "compiled" ? compiled.template : problemsError(compiled.problems);
  }
  if (!name) return arn ? notSupported("TemplateArn without TemplateName") : badRequest("Template names no template.");
  const found = await templates.compiled(tenant, { name }, "published");
  return found ? found.compiled : noTemplate(name);
}

export const sourcesOf = ({ Subject, Html, Text }: TemplateContent) => ({
  subject: Subject ?? null,
  html: Html ?? null,
  text: Text ?? null,
});

/** Subject and bodies with their values; a value that is not there is an error, as with SES. */
export function rendered(
  template: CompiledTemplate,
  data: Data,
  rules: TemplateRules,
): Pick<Simple, "Subject" | "Body"> | SesError {
  const answer = renderTemplate(template, data, { ...rules, missing: "error" });
  if (answer.kind === "problems") return problemsError(answer.problems);
  const { subject, html, text } = answer.rendered;
  return {
    Subject: { Data: subject ?? "" },
    Body: { ...(text === null ? {} : { Text: { Data: text } }), ...(html === null ? {} : { Html: { Data: html } }) },
  };
}

export type Data = Record<string, unknown>;

/** TemplateData is JSON in a text; nothing given is nothing to put in. */
export function dataOf(text: string | null | undefined, where: string): Data | SesError {
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Data;
  } catch {
    // told below
  }
  return badRequest(`${where} must be a JSON object.`);
}

export const noTemplate = (name: string): SesError => notFound(`Template ${name.slice(0, 64)} does not exist.`);
export const problemsError = ([first]: readonly TemplateProblem[]): SesError =>
  badRequest(`The template cannot be used: ${problemText(first!)}`);
