import { renderTemplate } from "../../../templates/index.ts";
import type { Submitter } from "../../submission.ts";
import { templateRules } from "../../template-rules.ts";
import { IN_WORDS } from "../in-words.ts";
import type { OperationParts } from "../operations/operation.ts";
import { type ProblemDocument, invalid } from "../problem.ts";
import { shapeFaults } from "../submit/faults.ts";
import { templatedMessageSchema } from "../submit/message-schema.ts";
import { templateNotFound, templateProblem } from "./template-json.ts";

/**
 * The message in fields that a message with `template` stands for; any other body as it is. The key of a request is that of
 * the request as it came, so a template that changed meanwhile does not make a second mail of a repeated request.
 */
export async function fromTemplate(
  body: unknown,
  submitter: Submitter,
  { templates, tenants }: Pick<OperationParts, "templates" | "tenants">,
): Promise<{ body: unknown } | ProblemDocument> {
  if (!isTemplated(body)) return { body };
  const read = templatedMessageSchema.safeParse(body, IN_WORDS);
  if (!read.success) return invalid(shapeFaults(read.error));
  const { template, ...message } = read.data;
  const found = await templates.compiled(submitter.tenant, { name: template.name }, "published");
  if (!found) return templateNotFound;
  const rules = templateRules(tenants, submitter, message.stream);
  const rendering = renderTemplate(found.compiled, template.data ?? {}, rules);
  if (rendering.kind === "problems") return templateProblem(rendering.problems, "/template");
  const { subject, html, text } = rendering.rendered;
  const { from, replyTo } = found.template;
  return {
    body: {
      ...(from === null ? {} : { from }),
      ...(replyTo === null ? {} : { replyTo: [replyTo] }),
      subject: subject ?? "",
      ...(html === null ? {} : { html }),
      ...(text === null ? {} : { text }),
      ...message,
    },
  };
}

const isTemplated = (body: unknown): body is object =>
  typeof body === "object" && body !== null && !Buffer.isBuffer(body) && Object.hasOwn(body, "template");
