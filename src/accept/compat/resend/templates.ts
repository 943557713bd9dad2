import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Template, type TemplateChange, type TemplateSummary, problemText } from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import { type ResendError, fault, instant, invalid, isFault, notFound, resendScope, send } from "./dialect.ts";
import { listOf, pageOf } from "./page.ts";
import { refOf } from "./template-ref.ts";

const several = z.union([z.string(), z.array(z.string()).max(50)]).nullish();
const fallback = z.union([z.string(), z.number()]).nullish();
/** resend.com/docs/api-reference/templates/create-template (seen 2026-11-25). */
const templateShape = z.looseObject({
  name: z.string().min(1),
  alias: z.string().nullish(),
  subject: z.string().nullish(),
  html: z.string(),
  text: z.string().nullish(),
  from: z.string().nullish(),
  reply_to: several,
  variables: z
    .array(z.looseObject({ key: z.string(), type: z.enum(["string", "number"]), fallback_value: fallback }))
    .max(50)
    .nullish(),
});
const changeShape = templateShape.partial();
type Given = z.infer<typeof changeShape>;

export function templateRoutes(server: FastifyInstance, parts: CompatParts): void {
  const { templates } = parts;
  const find = (request: FastifyRequest, tenant: string) =>
    templates.get(tenant, refOf((request.params as { id: string }).id));
  resendScope(server, parts, "/templates", true, (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const read = templateShape.safeParse(jsonOf(request.body));
      if (!read.success) return send(reply, shapeFault(read.error));
      const { tenant } = whoOf(request);
      return send(reply, await make(tenant, changeOf(read.data), parts));
    });
    scope.get("/", async (request, reply) => {
      const page = pageOf(request.query);
      if (isFault(page)) return send(reply, page);
      const { tenant } = whoOf(request);
      const last = page.after === null ? null : await templates.get(tenant, refOf(page.after));
      if (page.after !== null && !last) return send(reply, invalid("`after` is no id of a template."));
      const found = await templates.list(tenant, page.limit + 1, last?.name ?? null);
      return send(reply, listOf(found, page.limit, summaryThere));
    });
    scope.get("/:id", async (request, reply) => {
      const found = await find(request, whoOf(request).tenant);
      return send(reply, found ? templateThere(found) : notFound("Template"));
    });
    scope.patch("/:id", async (request, reply) => {
      const read = changeShape.safeParse(jsonOf(request.body));
      if (!read.success) return send(reply, shapeFault(read.error));
      const { tenant } = whoOf(request);
      const found = await find(request, tenant);
      if (!found) return send(reply, notFound("Template"));
      return send(reply, answered(await templates.put(tenant, { uuid: found.uuid }, changeOf(read.data))));
    });
    scope.post("/:id/publish", async (request, reply) => {
      const { tenant } = whoOf(request);
      const found = await find(request, tenant);
      if (!found || !(await templates.publish(tenant, { uuid: found.uuid }))) return send(reply, notFound("Template"));
      return send(reply, { object: "template", id: found.uuid });
    });
    scope.post("/:id/duplicate", async (request, reply) => {
      const { tenant } = whoOf(request);
      const found = await find(request, tenant);
      if (!found) return send(reply, notFound("Template"));
      const { dialect, displayName, from, replyTo, extra, draft } = found;
      const { subject, html, text, fallbacks } = draft;
      const copy = {
        dialect,
        displayName: `${displayName} (Copy)`,
        from,
        replyTo,
        extra,
        subject,
        html,
        text,
        fallbacks,
      };
      return send(reply, await make(tenant, { ...copy, publish: false }, parts));
    });
    scope.delete("/:id", async (request, reply) => {
      const { tenant } = whoOf(request);
      const found = await find(request, tenant);
      if (!found || !(await templates.remove(tenant, { uuid: found.uuid }))) return send(reply, notFound("Template"));
      return send(reply, { object: "template", id: found.uuid, deleted: true });
    });
  });
}

const shapeFault = ({ issues }: z.ZodError): ResendError => {
  const { path, message } = issues[0]!;
  return invalid(`Invalid \`${path.map(String).join(".")}\` field. ${message}`);
};

/** Names there are for people, and several templates may have the same one: what it is kept under is made here. */
const make = async (tenant: string, change: TemplateChange, { templates, random }: CompatParts): Promise<object> =>
  answered(
    await templates.put(
      tenant,
      { name: `resend-${random.bytes(8).toString("hex")}` },
      { dialect: "resend", ...change },
    ),
  );

function answered(answer: Awaited<ReturnType<CompatParts["templates"]["put"]>>): object {
  if (answer.kind === "stored") return { object: "template", id: answer.template.uuid };
  if (answer.kind === "problems") return invalid(problemText(answer.problems[0]!));
  if (answer.code === "template-not-found") return notFound("Template");
  return fault(422, "validation_error", answer.detail);
}

function changeOf(given: Given): TemplateChange {
  const { name, alias, subject, html, text, from, reply_to: replyTo, variables } = given;
  const fallbacks = (variables ?? []).flatMap(({ key, fallback_value: value }) =>
    value === null || value === undefined ? [] : [[key, value] as const],
  );
  return {
    publish: false,
    ...(name === undefined ? {} : { displayName: name }),
    ...(alias === undefined ? {} : { aliases: alias === null ? [] : [alias] }),
    ...(subject === undefined ? {} : { subject }),
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
    ...(from === undefined ? {} : { from }),
    ...(replyTo === undefined ? {} : { replyTo: Array.isArray(replyTo) ? replyTo.join(", ") : replyTo }),
    ...(variables === undefined
      ? {}
      : {
          fallbacks: Object.fromEntries(fallbacks),
          extra: { variables: (variables ?? []).map(({ key, type }) => ({ key, type })) },
        }),
  };
}

const summaryThere = (one: TemplateSummary): object => ({
  id: one.uuid,
  name: one.displayName,
  alias: one.aliases[0] ?? null,
  status: one.isPublished ? "published" : "draft",
  published_at: one.isPublished ? instant(one.updatedAt) : null,
  created_at: instant(one.createdAt),
  updated_at: instant(one.updatedAt),
});

function templateThere(one: Template): object {
  const { draft, published, extra } = one;
  const created = instant(one.createdAt);
  const updated = instant(one.updatedAt);
  const variables = Array.isArray(extra["variables"]) ? (extra["variables"] as { key: string; type: string }[]) : [];
  return {
    object: "template",
    id: one.uuid,
    current_version_id: draft.uuid,
    alias: one.aliases[0] ?? null,
    name: one.displayName,
    created_at: created,
    updated_at: updated,
    status: published ? "published" : "draft",
    published_at: published ? instant(published.createdAt) : null,
    has_unpublished_versions: published?.uuid !== draft.uuid,
    from: one.from,
    subject: draft.subject,
    reply_to: one.replyTo === null ? null : one.replyTo.split(", "),
    html: draft.html ?? "",
    text: draft.text,
    variables: variables.map(({ key, type }) => ({
      key,
      type,
      fallback_value: Object.hasOwn(draft.fallbacks, key) ? draft.fallbacks[key] : null,
      created_at: created,
      updated_at: updated,
    })),
  };
}
