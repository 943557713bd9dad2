import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Form, first } from "../../../mail/index.ts";
import type { TemplateSummary } from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import type { WhoOf } from "../keyed.ts";
import { type Asked, type Fault, fault, isFault, ofDomain, queried } from "./dialect.ts";
import { formOf } from "./form-of.ts";
import { pageOf } from "./page.ts";
import { findTemplate, tagOf } from "./template-find.ts";
import { versionChange, withDetails } from "./template-headers.ts";
import { stored, summaryThere, templateThere, versionThere } from "./template-there.ts";

export const NO_TEMPLATE = fault(404, "template not found");
/** As many as a tenant may keep are read at once. */
const ALL = 1_001;
export const PAGE = 100;

export const nameOf = (request: FastifyRequest): string => (request.params as { name: string }).name;

/** Templates of `/v3/{domain}/templates`; a tenant has them once for all its domains (documentation.mailgun.com, seen 2026-11-25). */
export function templateRoutes(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts): void {
  const { templates } = parts;
  const all = (tenant: string): Promise<TemplateSummary[]> => templates.list(tenant, ALL, null);
  const route = (work: (asked: Asked, request: FastifyRequest) => Promise<object>) => ofDomain(parts, whoOf, work);

  scope.get(
    "/templates",
    route(async ({ who }, request) => {
      const page = pageOf(parts, request, "p", PAGE, await all(who.tenant), ({ name }) => name);
      return isFault(page) ? page : { items: page.items.map(summaryThere), paging: page.paging };
    }),
  );
  scope.post(
    "/templates",
    route(async ({ who }, request) => {
      const form = await formOf(request);
      return isFault(form) ? form : create(form, who.tenant, parts);
    }),
  );
  scope.delete(
    "/templates",
    route(async ({ who }) => {
      for (const { uuid } of await all(who.tenant)) await templates.remove(who.tenant, { uuid });
      return { message: "templates have been deleted" };
    }),
  );
  scope.get(
    "/templates/:name",
    route(async ({ who }, request) => {
      const found = await findTemplate(templates, who.tenant, nameOf(request));
      if (!found) return NO_TEMPLATE;
      const isWhole = /^(?:yes|true)$/i.test(queried(request, "active") ?? "");
      const active = isWhole && found.published && tagOf(found.published) !== "" ? found.published : null;
      return { template: { ...templateThere(found), ...(active ? { version: versionThere(found, active) } : {}) } };
    }),
  );
  scope.put(
    "/templates/:name",
    route(async ({ who }, request) => {
      const form = await formOf(request);
      if (isFault(form)) return form;
      const found = await findTemplate(templates, who.tenant, nameOf(request));
      if (!found) return NO_TEMPLATE;
      const description = first(form, "description");
      const change = { publish: false, ...(description === undefined ? {} : { displayName: description }) };
      const kept = stored(await templates.put(who.tenant, { uuid: found.uuid }, change));
      return isFault(kept) ? kept : { message: "template has been updated", template: { name: found.name } };
    }),
  );
  scope.delete(
    "/templates/:name",
    route(async ({ who }, request) => {
      const found = await findTemplate(templates, who.tenant, nameOf(request));
      if (!found || !(await templates.remove(who.tenant, { uuid: found.uuid }))) return NO_TEMPLATE;
      return { message: "template has been deleted", template: { name: found.name } };
    }),
  );
}

async function create(form: Form, tenant: string, { templates }: CompatParts): Promise<object | Fault> {
  const name = first(form, "name")?.toLowerCase();
  if (!name) return fault(400, "Missing mandatory parameter: name");
  if (await templates.get(tenant, { name }))
    return fault(400, `template with name '${name.slice(0, 128)}' already exists`);
  const change = versionChange(form);
  if (isFault(change)) return change;
  const { html = null, subject = null } = change;
  const tag = html === null ? "" : first(form, "tag") || "initial";
  const extra = withDetails({ createdBy: first(form, "createdBy") ?? "", versions: {} }, tag, change, []);
  const kept = stored(
    await templates.put(
      tenant,
      { name },
      {
        dialect: "handlebars",
        displayName: first(form, "description") ?? "",
        versionLabel: tag,
        subject,
        html,
        extra: html === null ? { ...extra, versions: {} } : extra,
        publish: html !== null,
      },
    ),
  );
  if (isFault(kept)) return kept;
  const { template } = kept;
  const version = html === null ? {} : { version: versionThere(template, template.draft) };
  return {
    message: "template has been stored",
    template: { ...templateThere(template), ...version },
  };
}
