import { z } from "zod";
import { renderTemplate } from "../../../templates/index.ts";
import { templateRules } from "../../template-rules.ts";
import { IN_WORDS } from "../in-words.ts";
import { invalid, problemAnswer } from "../problem.ts";
import { shapeFaults } from "../submit/faults.ts";
import {
  putProblem,
  templateChangeSchema,
  templateJson,
  templateNotFound,
  templatePageSchema,
  templateProblem,
  templateSchema,
  templateSummaryJson,
} from "../templates/template-json.ts";
import type { Operation, OperationParts } from "./operation.ts";

const PAGE = 200;

const nameParameter = {
  in: "path" as const,
  name: "name",
  required: true,
  schema: z.string(),
  description: "The name of the template, or an alias.",
};
const removedSchema = z.strictObject({ name: z.string(), status: z.literal("removed") });
const previewRequest = z.strictObject({
  data: z.record(z.string(), z.unknown()).optional(),
  draft: z.boolean().optional().describe("True: the newest version, published or not."),
  stream: z.string().optional().describe("As for this stream; a stream of secrets takes less."),
});
const previewSchema = z.strictObject({
  subject: z.string().nullable(),
  html: z.string().nullable(),
  text: z.string().nullable(),
});

/** A tenant's templates. Sources may be as large as mail, so those requests are taken like mail. */
export function templateOperations({ templates, tenants }: OperationParts): Operation[] {
  const list: Operation = {
    method: "GET",
    path: "/templates",
    open: false,
    takesMail: false,
    describe: {
      operationId: "listTemplates",
      summary: "Templates, by name",
      parameters: [
        { in: "query", name: "after", schema: z.string(), description: "The `nextAfter` of the page before." },
      ],
      responses: { 200: { description: "One page.", schema: templatePageSchema } },
      problems: [],
    },
    async handle({ submitter, query }) {
      const { after } = query as { after?: unknown };
      const last = typeof after === "string" ? after.replaceAll("\0", "") : null; // no name has one
      const page = await templates.list(submitter.tenant, PAGE, last);
      const nextAfter = page.length === PAGE ? page.at(-1)!.name : null;
      return { status: 200, body: { templates: page.map(templateSummaryJson), nextAfter } };
    },
  };
  const get: Operation = {
    method: "GET",
    path: "/templates/{name}",
    open: false,
    takesMail: false,
    describe: {
      operationId: "getTemplate",
      summary: "A template with its sources",
      parameters: [nameParameter],
      responses: { 200: { description: "The template.", schema: templateSchema } },
      problems: [404],
    },
    async handle({ submitter, params }) {
      const found = await templates.get(submitter.tenant, { name: params["name"]! });
      return found ? { status: 200, body: templateJson(found) } : problemAnswer(templateNotFound);
    },
  };
  const put: Operation = {
    method: "PUT",
    path: "/templates/{name}",
    open: false,
    takesMail: true,
    describe: {
      operationId: "putTemplate",
      summary: "Keep a template, or change one",
      description: "Members that are left out stay as they are. What does not compile is not kept.",
      parameters: [nameParameter],
      request: { "application/json": templateChangeSchema },
      responses: {
        200: { description: "It is changed.", schema: templateSchema },
        201: { description: "It is new.", schema: templateSchema },
      },
      problems: [400, 409, 413, 415, 422, 503],
    },
    async handle({ submitter, params, body }) {
      const read = templateChangeSchema.safeParse(body, IN_WORDS);
      if (!read.success) return problemAnswer(invalid(shapeFaults(read.error)));
      const { publish = true, ...given } = read.data;
      const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const answer = await templates.put(submitter.tenant, { name: params["name"]! }, { ...change, publish });
      if (answer.kind !== "stored") return problemAnswer(putProblem(answer));
      return { status: answer.isNew ? 201 : 200, body: templateJson(answer.template) };
    },
  };
  const remove: Operation = {
    method: "DELETE",
    path: "/templates/{name}",
    open: false,
    takesMail: false,
    describe: {
      operationId: "removeTemplate",
      summary: "Remove a template with all its versions",
      parameters: [nameParameter],
      responses: { 200: { description: "It is gone.", schema: removedSchema } },
      problems: [404],
    },
    async handle({ submitter, params }) {
      const name = params["name"]!;
      if (!(await templates.remove(submitter.tenant, { name }))) return problemAnswer(templateNotFound);
      return { status: 200, body: { name, status: "removed" } satisfies z.infer<typeof removedSchema> };
    },
  };
  const render: Operation = {
    method: "POST",
    path: "/templates/{name}/render",
    open: false,
    takesMail: true,
    describe: {
      operationId: "renderTemplate",
      summary: "See what comes of a template and values",
      parameters: [nameParameter],
      request: { "application/json": previewRequest },
      responses: { 200: { description: "The parts of the mail; nothing is sent.", schema: previewSchema } },
      problems: [400, 404, 413, 415, 422, 503],
    },
    async handle({ submitter, params, body }) {
      const read = previewRequest.safeParse(body ?? {}, IN_WORDS);
      if (!read.success) return problemAnswer(invalid(shapeFaults(read.error)));
      const { data = {}, draft = false, stream } = read.data;
      const which = draft ? "draft" : "published";
      const found = await templates.compiled(submitter.tenant, { name: params["name"]! }, which);
      if (!found) return problemAnswer(templateNotFound);
      const rendering = renderTemplate(found.compiled, data, templateRules(tenants, submitter, stream));
      return rendering.kind === "rendered"
        ? { status: 200, body: rendering.rendered }
        : problemAnswer(templateProblem(rendering.problems));
    },
  };
  return [list, get, put, remove, render];
}
