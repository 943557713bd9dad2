import { compose } from "../../http/compose/compose.ts";
import type { PutAnswer, Template } from "../../../templates/index.ts";
import type { SesOperation } from "./call.ts";
import { badRequest, isSesError, sesError } from "./errors.ts";
import { pageOf, tokenOf } from "./pages.ts";
import { readJson } from "./read-json.ts";
import { createTemplateShape, renderShape, updateTemplateShape } from "./shape.ts";
import { dataOf, noTemplate, problemsError, rendered, sourcesOf } from "./template.ts";

/** "It can only contain ASCII letters, numbers, underscores, or dashes" (API reference v2, CreateEmailTemplate). */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

const create: SesOperation = {
  method: "POST",
  path: "templates",
  async handle({ json, who }, { templates }) {
    const given = readJson(createTemplateShape, json);
    if (isSesError(given)) return given;
    const { TemplateName: name, TemplateContent: content, Tags: tags } = given;
    if (!NAME.test(name)) return badRequest("TemplateName must be 1 to 64 letters, digits, _ or -.");
    if (await templates.get(who.tenant, { name })) {
      return sesError(400, "AlreadyExistsException", `Template ${name} already exists.`);
    }
    const extra = tags ? { extra: { tags } } : {};
    const change = { dialect: "handlebars" as const, ...sourcesOf(content), ...extra, publish: true };
    return answerOf(await templates.put(who.tenant, { name }, change));
  },
};

const update: SesOperation = {
  method: "PUT",
  path: "templates/{}",
  async handle({ name, json, who }, { templates }) {
    const given = readJson(updateTemplateShape, json);
    if (isSesError(given)) return given;
    if (!NAME.test(name) || !(await templates.get(who.tenant, { name }))) return noTemplate(name);
    const change = { dialect: "handlebars" as const, ...sourcesOf(given.TemplateContent), publish: true };
    return answerOf(await templates.put(who.tenant, { name }, change));
  },
};

function answerOf(answer: PutAnswer): object {
  switch (answer.kind) {
    case "stored":
      return {};
    case "problems":
      return problemsError(answer.problems);
    case "refused":
      return answer.code === "templates-too-many" || answer.code === "templates-too-large"
        ? sesError(400, "LimitExceededException", answer.detail)
        : badRequest(answer.detail);
  }
}

const get: SesOperation = {
  method: "GET",
  path: "templates/{}",
  async handle({ name, who }, { templates }) {
    const found = NAME.test(name) ? await templates.get(who.tenant, { name }) : null;
    return found ? contentOf(found) : noTemplate(name);
  },
};

function contentOf({ name, published, draft, extra }: Template): object {
  const { subject, html, text } = published ?? draft;
  const parts = { Subject: subject, Html: html, Text: text };
  return {
    TemplateName: name,
    TemplateContent: Object.fromEntries(Object.entries(parts).filter(([, source]) => source !== null)),
    Tags: Array.isArray(extra["tags"]) ? extra["tags"] : [],
  };
}

const list: SesOperation = {
  method: "GET",
  path: "templates",
  async handle({ query, who }, { templates }) {
    const page = pageOf(query.get("NextToken"), query.get("PageSize"));
    if (isSesError(page)) return page;
    const found = await templates.list(who.tenant, page.size, page.after);
    return {
      TemplatesMetadata: found.map((one) => ({ TemplateName: one.name, CreatedTimestamp: one.createdAt / 1000 })),
      ...(found.length < page.size ? {} : { NextToken: tokenOf(found.at(-1)!.name) }),
    };
  },
};

const remove: SesOperation = {
  method: "DELETE",
  path: "templates/{}",
  async handle({ name, who }, { templates }) {
    return NAME.test(name) && (await templates.remove(who.tenant, { name })) ? {} : noTemplate(name);
  },
};

/** The mail as it would be sent, without what only a message has: author, recipients, date. */
const testRender: SesOperation = {
  method: "POST",
  path: "templates/{}/render",
  async handle({ name, json, who }, { templates, random }) {
    const given = readJson(renderShape, json);
    if (isSesError(given)) return given;
    const data = dataOf(given.TemplateData, "TemplateData");
    if (isSesError(data)) return data;
    const found = NAME.test(name) ? await templates.compiled(who.tenant, { name }, "published") : null;
    if (!found) return noTemplate(name);
    const made = rendered(found.compiled, data, {});
    if (isSesError(made)) return made;
    const from = "From: nobody@localhost.localdomain\r\n";
    const mail = compose(
      {
        from: { address: "nobody@localhost.localdomain", name: undefined },
        to: [],
        cc: [],
        replyTo: [],
        subject: made.Subject.Data,
        text: made.Body.Text?.Data,
        html: made.Body.Html?.Data,
        headers: [],
        messageId: undefined,
        attachments: [],
      },
      random,
    );
    return { RenderedTemplate: mail.toString("utf8").slice(from.length) };
  },
};

export const templateOperations = [create, update, get, list, remove, testRender];
