import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  type Template,
  type TemplateChange,
  type TemplatePart,
  type TemplateProblem,
  compileTemplate,
  problemText,
  renderTemplate,
} from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import { CODE, type Fault, SERVER_ID, fault, give, isFault, notSupported, postmarkScope, refuse } from "./dialect.ts";
import { MOST, pageOf } from "./page.ts";
import { refOf } from "./template-ref.ts";

const text = z.string().nullish();
/** postmarkapp.com/developer/api/templates-api (seen 2026-11-25). */
const templateShape = z.looseObject({
  Name: z.string().min(1).optional(),
  Subject: text,
  HtmlBody: text,
  TextBody: text,
  Alias: text,
  TemplateType: z.string().nullish(),
  LayoutTemplate: text,
});
const validationShape = templateShape.extend({ TestRenderModel: z.record(z.string(), z.unknown()).nullish() });
type Given = z.infer<typeof templateShape>;

const NOT_FOUND = fault(422, CODE.templateNotFound, "The template was not found.");

export function templateRoutes(server: FastifyInstance, parts: CompatParts): void {
  const { templates, random } = parts;
  const find = async (request: FastifyRequest, tenant: string) =>
    templates.get(tenant, await refOf(templates, tenant, (request.params as { id: string }).id));
  postmarkScope(server, parts, "/templates", (scope, whoOf) => {
    scope.get("/", async (request, reply) => {
      const { Count: count, Offset: offset, count: c, offset: o, ...filter } = request.query as Record<string, string>;
      const page = pageOf({ count: count ?? c, offset: offset ?? o });
      if (isFault(page)) return refuse(reply, page);
      const wantsLayouts = (filter["TemplateType"] ?? filter["templateType"]) === "Layout";
      const all = wantsLayouts ? [] : await templates.list(whoOf(request).tenant, MOST, null);
      return reply.send({
        TotalCount: all.length,
        Templates: all.slice(page.offset, page.offset + page.count).map((one) => ({
          Active: one.isPublished,
          TemplateId: one.id,
          Name: one.displayName,
          Alias: one.aliases[0] ?? null,
          TemplateType: "Standard",
          LayoutTemplate: null,
        })),
      });
    });
    scope.post("/", async (request, reply) => {
      const given = read(templateShape, request.body);
      if (isFault(given)) return refuse(reply, given);
      if (given.Name === undefined)
        return refuse(reply, fault(422, CODE.templateInvalid, "A template needs a 'Name'."));
      // Names there are for people, and several templates may have the same one: what it is kept under is made here.
      const name = `postmark-${random.bytes(8).toString("hex")}`;
      const put = await templates.put(whoOf(request).tenant, { name }, { dialect: "mustachio", ...changeOf(given) });
      return give(reply, answered(put));
    });
    scope.post("/validate", (request, reply) => {
      const given = read(validationShape, request.body);
      return give(reply, isFault(given) ? given : validationOf(given));
    });
    scope.put("/push", (_request, reply) => refuse(reply, notSupported("Pushing templates")));
    scope.get("/:id", async (request, reply) => {
      const found = await find(request, whoOf(request).tenant);
      return give(reply, found ? templateThere(found) : NOT_FOUND);
    });
    scope.put("/:id", async (request, reply) => {
      const given = read(templateShape, request.body);
      if (isFault(given)) return refuse(reply, given);
      const { tenant } = whoOf(request);
      const found = await find(request, tenant);
      if (!found) return refuse(reply, NOT_FOUND);
      return give(reply, answered(await templates.put(tenant, { id: found.id }, changeOf(given))));
    });
    scope.delete("/:id", async (request, reply) => {
      const { tenant } = whoOf(request);
      const found = await find(request, tenant);
      if (!found || !(await templates.remove(tenant, { id: found.id }))) return refuse(reply, NOT_FOUND);
      return reply.send({ ErrorCode: 0, Message: `Template ${found.id} removed.` });
    });
  });
}

function read<Shape extends z.ZodType<Given>>(shape: Shape, body: unknown): z.infer<Shape> | Fault {
  const given = shape.safeParse(jsonOf(body));
  if (!given.success) {
    const { path, message } = given.error.issues[0]!;
    return fault(422, CODE.templateInvalid, `'${path.map(String).join(".")}': ${message}`);
  }
  if (given.data.LayoutTemplate) return notSupported("LayoutTemplate");
  if (given.data.TemplateType === "Layout") return notSupported("A template of type Layout");
  return given.data;
}

const changeOf = ({ Name, Alias, Subject, HtmlBody, TextBody }: Given): TemplateChange => ({
  publish: true,
  ...(Name === undefined ? {} : { displayName: Name }),
  ...(Alias === undefined ? {} : { aliases: Alias === null ? [] : [Alias] }),
  ...(Subject === undefined ? {} : { subject: Subject }),
  ...(HtmlBody === undefined ? {} : { html: HtmlBody }),
  ...(TextBody === undefined ? {} : { text: TextBody }),
});

function answered(put: Awaited<ReturnType<CompatParts["templates"]["put"]>>): object {
  if (put.kind === "problems") return fault(422, CODE.templateInvalid, problemText(put.problems[0]!));
  if (put.kind === "refused") return fault(422, CODE.templateInvalid, put.detail);
  const { id, displayName, aliases } = put.template;
  return {
    TemplateId: id,
    Name: displayName,
    Active: true,
    Alias: aliases[0] ?? null,
    TemplateType: "Standard",
    LayoutTemplate: null,
  };
}

const templateThere = ({ id, displayName, aliases, draft, published }: Template): object => ({
  TemplateId: id,
  Name: displayName,
  Subject: draft.subject ?? "",
  HtmlBody: draft.html,
  TextBody: draft.text,
  AssociatedServerId: SERVER_ID,
  Active: published !== null,
  Alias: aliases[0] ?? null,
  TemplateType: "Standard",
  LayoutTemplate: null,
});

/** Compiles and renders each part by itself, so that a fault in one does not hide what another gives. */
function validationOf(given: z.infer<typeof validationShape>): object {
  const part = (name: TemplatePart, source: string | null | undefined) => {
    if (source === null || source === undefined) return null;
    const compiled = compileTemplate(
      { subject: null, html: null, text: null, [name]: source },
      { dialect: "mustachio" },
    );
    const made =
      compiled.kind === "compiled" ? renderTemplate(compiled.template, given.TestRenderModel ?? {}) : compiled;
    const errors = (problems: readonly TemplateProblem[]) =>
      problems.map(({ detail, line, column }) => ({ Message: detail, Line: line, CharacterPosition: column }));
    return made.kind === "rendered"
      ? { ContentIsValid: true, ValidationErrors: [], RenderedContent: made.rendered[name] }
      : { ContentIsValid: false, ValidationErrors: errors(made.problems), RenderedContent: null };
  };
  const all = {
    Subject: part("subject", given.Subject),
    HtmlBody: part("html", given.HtmlBody),
    TextBody: part("text", given.TextBody),
  };
  return {
    AllContentIsValid: Object.values(all).every((one) => one?.ContentIsValid ?? true),
    ...all,
    SuggestedTemplateModel: given.TestRenderModel ?? {},
  };
}
