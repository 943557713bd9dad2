import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { TemplateSummary } from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import { type Fault, answer, fault, isFault, notFound, nothing, queryOf, refuse, sendgridScope } from "./dialect.ts";
import { type Found, findTemplate, isActive, isTheirs, putFault } from "./template-access.ts";
import { generationOf } from "./template-ids.ts";
import { templateThere, versionInList, versionNameOf, versionThere, versionsThere } from "./template-there.ts";
import { templateVersionRoutes } from "./template-versions.ts";

const nameShape = z.string().min(1).max(100);
const templateShape = z.looseObject({ name: nameShape, generation: z.enum(["legacy", "dynamic"]).nullish() });
const copyShape = z.looseObject({ name: nameShape.nullish() });

const badName = fault(400, "The name must be a string of 1 to 100 characters.", "name");
const missing = notFound("template");
const whole = (found: Found): object =>
  templateThere(
    found.template,
    found.versions.map((one) => versionThere(found.template, one, isActive(found, one))),
  );

/** docs.sendgrid.com/api-reference/transactional-templates (seen 2026-11-25). */
export function templateRoutes(server: FastifyInstance, parts: CompatParts): void {
  const { templates } = parts;
  sendgridScope(server, parts, "/v3/templates", (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const read = templateShape.safeParse(jsonOf(request.body));
      if (!read.success) return refuse(reply, badName);
      const { name, generation } = read.data;
      return answer(reply, await make(whoOf(request).tenant, name, generation ?? "legacy", parts), 201);
    });
    scope.get("/", async (request, reply) => {
      const base = `${request.protocol}://${request.host}`;
      return answer(reply, await listOf(whoOf(request).tenant, request.query, base, parts));
    });
    scope.get("/:id", async (request, reply) => {
      const found = await findTemplate(whoOf(request).tenant, (request.params as { id: string }).id, parts);
      return answer(reply, found ? whole(found) : missing);
    });
    scope.patch("/:id", async (request, reply) => {
      const read = copyShape.safeParse(jsonOf(request.body));
      if (!read.success) return refuse(reply, badName);
      const { tenant } = whoOf(request);
      const found = await findTemplate(tenant, (request.params as { id: string }).id, parts);
      if (!found) return refuse(reply, missing);
      const { uuid } = found.template;
      const displayName = read.data.name ?? found.template.displayName;
      const put = await templates.put(tenant, { uuid }, { displayName, publish: false });
      if (put.kind !== "stored") return refuse(reply, putFault(put));
      return answer(reply, whole({ ...found, template: put.template }));
    });
    scope.post("/:id", async (request, reply) => {
      const read = copyShape.safeParse(jsonOf(request.body) ?? {});
      if (!read.success) return refuse(reply, badName);
      const { tenant } = whoOf(request);
      const found = await findTemplate(tenant, (request.params as { id: string }).id, parts);
      return answer(reply, found ? await copy(tenant, found, read.data.name, parts) : missing, 201);
    });
    scope.delete("/:id", async (request, reply) => {
      const { tenant } = whoOf(request);
      const found = await findTemplate(tenant, (request.params as { id: string }).id, parts);
      if (!found || !(await templates.remove(tenant, { uuid: found.template.uuid }))) return refuse(reply, missing);
      return nothing(reply);
    });
    templateVersionRoutes(scope, whoOf, parts);
  });
}

/** Several may have one name there: what a template is kept under is made here. */
async function make(
  tenant: string,
  displayName: string,
  generation: "legacy" | "dynamic",
  { templates, random }: CompatParts,
): Promise<object> {
  const dialect = generation === "legacy" ? "substitution" : "handlebars";
  const name = `sendgrid-${random.bytes(8).toString("hex")}`;
  const put = await templates.put(tenant, { name }, { dialect, displayName, publish: false });
  return put.kind === "stored" ? templateThere(put.template, []) : putFault(put);
}

/** With all its versions, the active one active. */
async function copy(
  tenant: string,
  found: Found,
  name: string | null | undefined,
  parts: CompatParts,
): Promise<object> {
  const { template } = found;
  const made = await make(
    tenant,
    name ?? `Duplicate: ${template.displayName}`.slice(0, 100),
    generationOf(template.dialect),
    parts,
  );
  if (isFault(made)) return made;
  const copied = (await findTemplate(tenant, (made as { id: string }).id, parts))!;
  const ref = { uuid: copied.template.uuid };
  for (const one of found.versions.toReversed()) {
    const { subject, html, text } = one;
    const change = { subject, html, text, versionLabel: versionNameOf(one), publish: isActive(found, one) };
    const put = await parts.templates.put(tenant, ref, change);
    if (put.kind === "stored") continue;
    await parts.templates.remove(tenant, ref);
    return putFault(put);
  }
  return whole((await findTemplate(tenant, (made as { id: string }).id, parts))!);
}

/** A tenant has at most so many; they are read at once, so that they can be counted and sorted out by generation. */
const ALL = 1_000;

async function listOf(
  tenant: string,
  query: unknown,
  base: string,
  { templates }: CompatParts,
): Promise<object | Fault> {
  const { generations = "legacy", page_size: size, page_token: token } = queryOf(query);
  const wanted = new Set(generations.split(","));
  if ([...wanted].some((one) => one !== "legacy" && one !== "dynamic"))
    return fault(400, "generations must be legacy, dynamic or legacy,dynamic", "generations");
  const limit = size === undefined ? 200 : Number(size);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200)
    return fault(400, "page_size must be 1 to 200", "page_size");
  const after = token === undefined ? "" : Buffer.from(token, "base64url").toString("utf8");
  const all = (await templates.list(tenant, ALL, null)).filter(
    (one) => isTheirs(one) && wanted.has(generationOf(one.dialect)),
  );
  const rest = all.filter(({ name }) => name > after);
  const result: object[] = [];
  for (const one of rest.slice(0, limit)) result.push(templateThere(one, await leanVersions(tenant, one, templates)));
  const address = (last: string): string =>
    `${base}/v3/templates?generations=${encodeURIComponent(generations)}&page_size=${limit}${last === "" ? "" : `&page_token=${Buffer.from(last).toString("base64url")}`}`;
  const next = rest.length > limit ? { next: address(rest[limit - 1]!.name) } : {};
  return { result, _metadata: { self: address(after), count: all.length, ...next } };
}

async function leanVersions(
  tenant: string,
  one: TemplateSummary,
  templates: CompatParts["templates"],
): Promise<object[]> {
  const ref = { uuid: one.uuid };
  const published = (await templates.get(tenant, ref))?.published?.uuid;
  const versions = versionsThere((await templates.versions(tenant, ref)) ?? []);
  return versions.map((version) => versionInList(one, version, version.uuid === published));
}
