import { z } from "zod";
import {
  DIALECTS,
  type PutAnswer,
  type Template,
  type TemplateProblem,
  type TemplateSummary,
  problemText,
} from "../../../templates/index.ts";
import { type ProblemDocument, invalid, problem } from "../problem.ts";

const dialect = z.enum(DIALECTS).describe("The language of the sources: docs/templates.md.");
const source = (what: string) => z.string().nullable().optional().describe(`Source of the ${what}; null: none.`);
const variables = z.record(z.string(), z.union([z.string(), z.number()]));

/** What a client sends; what it leaves out stays as it is. */
export const templateChangeSchema = z
  .strictObject({
    dialect: dialect.optional(),
    displayName: z.string().optional(),
    aliases: z.array(z.string()).optional(),
    from: z.string().nullable().optional().describe("Used where a message names none."),
    replyTo: z.string().nullable().optional(),
    labels: z.array(z.string()).optional(),
    subject: source("subject"),
    html: source("HTML"),
    text: source("plain text"),
    fallbacks: variables.optional().describe("Values of variables that are not given (dialect resend)."),
    publish: z.boolean().optional().describe("False: kept as a draft. Otherwise it goes out from now on."),
  })
  .describe("A template, or what is to change in one.");

const versionSchema = z.strictObject({
  id: z.string(),
  number: z.int(),
  subject: z.string().nullable(),
  html: z.string().nullable(),
  text: z.string().nullable(),
  fallbacks: variables,
  createdAt: z.string(),
});
const common = {
  name: z.string(),
  displayName: z.string(),
  aliases: z.array(z.string()),
  dialect,
  labels: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
};
export const templateSchema = z
  .strictObject({
    ...common,
    from: z.string().nullable(),
    replyTo: z.string().nullable(),
    published: versionSchema.nullable().describe("Goes out; null: nothing yet."),
    draft: versionSchema.describe("The newest."),
  })
  .describe("A template with the sources of two versions.");
const summarySchema = z.strictObject({ ...common, isPublished: z.boolean() });
export const templatePageSchema = z.strictObject({
  templates: z.array(summarySchema),
  nextAfter: z.string().nullable().describe("For the next page; null on the last one."),
});

const at = (ms: number): string => new Date(ms).toISOString();

export function templateJson(template: Template): z.infer<typeof templateSchema> {
  const { name, displayName, aliases, dialect: written, labels, from, replyTo, published, draft } = template;
  const version = (one: typeof draft) => {
    const { uuid, number, subject, html, text, fallbacks, createdAt } = one;
    return { id: uuid, number, subject, html, text, fallbacks, createdAt: at(createdAt) };
  };
  return {
    name,
    displayName,
    aliases: [...aliases],
    dialect: written,
    labels: [...labels],
    from,
    replyTo,
    published: published && version(published),
    draft: version(draft),
    createdAt: at(template.createdAt),
    updatedAt: at(template.updatedAt),
  };
}

export function templateSummaryJson(one: TemplateSummary): z.infer<typeof summarySchema> {
  const { name, displayName, aliases, dialect: written, labels, isPublished } = one;
  return {
    name,
    displayName,
    aliases: [...aliases],
    dialect: written,
    labels: [...labels],
    isPublished,
    createdAt: at(one.createdAt),
    updatedAt: at(one.updatedAt),
  };
}

export const templateNotFound = problem(
  404,
  "template-not-found",
  "There is no template of this name that is published. GET /v1/templates lists them.",
);

/** The first decides the code; each is told with its place in the source. */
export function templateProblem(problems: readonly TemplateProblem[], pointer = ""): ProblemDocument {
  const errors = problems.map((one) => ({ pointer: `${pointer}/${one.part}`, detail: problemText(one) }));
  return problem(422, problems[0]!.code, `The template cannot be used: ${errors[0]!.detail}`, { errors });
}

/** Why a template was not kept. */
export function putProblem(answer: Exclude<PutAnswer, { kind: "stored" }>): ProblemDocument {
  if (answer.kind === "problems") return templateProblem(answer.problems);
  switch (answer.code) {
    case "template-not-found":
      return templateNotFound;
    case "template-name-taken":
      return problem(409, answer.code, answer.detail);
    case "template-change-invalid":
    case "template-name-invalid":
      return { ...invalid([{ pointer: "", detail: answer.detail }]), ...problem(422, answer.code, answer.detail) };
    case "templates-too-large":
    case "templates-too-many":
      return problem(422, answer.code, answer.detail);
  }
}
