import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Template, TemplateChange } from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import type { WhoOf } from "../keyed.ts";
import { jsonOf } from "../scope.ts";
import { type Fault, answer, fault, isFault, notFound, nothing, refuse } from "./dialect.ts";
import { type Found, findTemplate, isActive, putFault, versionOf } from "./template-access.ts";
import { isBlank, labelOf, versionNameOf, versionThere } from "./template-there.ts";

const versionShape = z.looseObject({
  active: z.union([z.literal(0), z.literal(1)]).nullish(),
  name: z.string().min(1).max(100),
  subject: z.string().max(255),
  html_content: z.string().nullish(),
  plain_content: z.string().nullish(),
});
const changeShape = versionShape.partial();

const missing = notFound("template");
const missingVersion = notFound("version");

/** docs.sendgrid.com/api-reference/transactional-templates-versions (seen 2026-11-25). */
export function templateVersionRoutes(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts): void {
  const { templates } = parts;
  type Asked = { tenant: string; found: Found; versionId: string };
  const asked = async (request: FastifyRequest): Promise<Asked | null> => {
    const { id, version = "" } = request.params as { id: string; version?: string };
    const { tenant } = whoOf(request);
    const found = await findTemplate(tenant, id, parts);
    return found && { tenant, found, versionId: version };
  };

  scope.post("/:id/versions", async (request, reply) => {
    const read = versionShape.safeParse(jsonOf(request.body));
    if (!read.success) return refuse(reply, shapeFault(read.error));
    const one = await asked(request);
    if (!one) return refuse(reply, missing);
    const { name, subject, html_content: html, plain_content: text, active } = read.data;
    if (isBlank({ subject, html: html ?? null, text: text ?? null }))
      return refuse(reply, fault(400, "A version needs a subject or content.", "subject"));
    const { published } = one.found.template;
    const publish = active === 1 || published === null || isBlank(published);
    const change = { subject, html: html || null, text: text || null, versionLabel: name, publish };
    return answer(reply, await put(one, change, parts), 201);
  });

  scope.get("/:id/versions/:version", async (request, reply) => {
    const one = await asked(request);
    const version = one && versionOf(one.found, one.versionId);
    return answer(
      reply,
      version ? versionThere(one.found.template, version, isActive(one.found, version)) : missingVersion,
    );
  });

  scope.patch("/:id/versions/:version", async (request, reply) => {
    const read = changeShape.safeParse(jsonOf(request.body));
    if (!read.success) return refuse(reply, shapeFault(read.error));
    const one = await asked(request);
    const version = one && versionOf(one.found, one.versionId);
    if (!version) return refuse(reply, missingVersion);
    const { name = versionNameOf(version), subject, html_content: html, plain_content: text, active } = read.data;
    const made = await put(
      one,
      {
        subject: subject ?? version.subject,
        html: html === undefined ? version.html : html || null,
        text: text === undefined ? version.text : text || null,
        versionLabel: labelOf(one.versionId, name),
        publish: active === 1 || isActive(one.found, version),
      },
      parts,
    );
    if (isFault(made)) return refuse(reply, made);
    await templates.removeVersion(one.tenant, { uuid: one.found.template.uuid }, version.uuid);
    return answer(reply, made);
  });

  scope.post("/:id/versions/:version/activate", async (request, reply) => {
    const one = await asked(request);
    const version = one && versionOf(one.found, one.versionId);
    if (!version) return refuse(reply, missingVersion);
    await templates.publish(one.tenant, { uuid: one.found.template.uuid }, version.uuid);
    return answer(reply, versionThere(one.found.template, version, true));
  });

  scope.delete("/:id/versions/:version", async (request, reply) => {
    const one = await asked(request);
    const version = one && versionOf(one.found, one.versionId);
    if (!version) return refuse(reply, missingVersion);
    const ref = { uuid: one.found.template.uuid };
    if (isActive(one.found, version)) {
      // A template there may be without an active version: here a blank one takes its place.
      const blank = { subject: null, html: null, text: null, versionLabel: "", publish: true };
      const made = await templates.put(one.tenant, ref, blank);
      if (made.kind !== "stored") return refuse(reply, putFault(made));
    }
    await templates.removeVersion(one.tenant, ref, version.uuid);
    return nothing(reply);
  });
}

async function put(
  { tenant, found }: { tenant: string; found: Found },
  change: TemplateChange,
  { templates }: CompatParts,
): Promise<object | Fault> {
  const made = await templates.put(tenant, { uuid: found.template.uuid }, change);
  if (made.kind !== "stored") return putFault(made);
  const { draft, published }: Template = made.template;
  return versionThere(made.template, draft, published?.uuid === draft.uuid);
}

function shapeFault({ issues }: z.ZodError): Fault {
  const { path, message } = issues[0]!;
  return fault(400, message, path.map(String).join("."));
}
