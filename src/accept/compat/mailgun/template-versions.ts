import type { FastifyInstance, FastifyRequest } from "fastify";
import { first } from "../../../mail/index.ts";
import type { Template, TemplateVersion } from "../../../templates/index.ts";
import type { CompatParts } from "../compat.ts";
import type { WhoOf } from "../keyed.ts";
import { type Asked, type Fault, fault, isFault, ofDomain, queried } from "./dialect.ts";
import { formOf } from "./form-of.ts";
import { pageOf } from "./page.ts";
import { findTemplate, tagOf, versionCalled, versionsOf } from "./template-find.ts";
import { type VersionChange, extraOf, versionChange, withDetails } from "./template-headers.ts";
import { stored, templateThere, versionSummary, versionThere } from "./template-there.ts";
import { NO_TEMPLATE, PAGE, nameOf } from "./templates.ts";

const NO_VERSION = fault(404, "template version not found");
/** "A template can store up to 40 versions." */
const MOST_VERSIONS = 40;
const ACTIVE = fault(
  400,
  "The active version is the one that is sent, and is not deleted: make another one active first, or delete the template",
);

export function versionRoutes(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts): void {
  const { templates } = parts;
  const ofTemplate = (work: (template: Template, asked: Asked, request: FastifyRequest) => Promise<object>) =>
    ofDomain(parts, whoOf, async (asked, request) => {
      const found = await findTemplate(templates, asked.who.tenant, nameOf(request));
      return found ? work(found, asked, request) : NO_TEMPLATE;
    });
  const ofVersion = (
    work: (version: TemplateVersion, template: Template, request: FastifyRequest) => Promise<object>,
  ) =>
    ofTemplate(async (template, _asked, request) => {
      const found = await versionCalled(templates, template, (request.params as { tag: string }).tag);
      return found ? work(found, template, request) : NO_VERSION;
    });

  scope.get(
    "/templates/:name/versions",
    ofTemplate(async (template, _asked, request) => {
      const page = pageOf(parts, request, "p", PAGE, await versionsOf(templates, template), tagOf);
      if (isFault(page)) return page;
      const versions = page.items.map((one) => versionSummary(template, one));
      return { template: { ...templateThere(template), versions }, paging: page.paging };
    }),
  );
  scope.post(
    "/templates/:name/versions",
    ofTemplate(async (template, _asked, request) => {
      const form = await formOf(request);
      if (isFault(form)) return form;
      const change = versionChange(form);
      if (isFault(change)) return change;
      const tag = first(form, "tag");
      if (!tag) return fault(400, "Missing mandatory parameter: tag");
      if (change.html === undefined) return fault(400, "Missing mandatory parameter: template");
      const made = await add(template, tag, change, null, parts);
      if (isFault(made)) return made;
      const version = versionThere(made.template, made.template.draft);
      const message = "new version of the template has been stored";
      return { message, template: { ...templateThere(made.template), version } };
    }),
  );
  scope.get(
    "/templates/:name/versions/:tag",
    ofVersion(async (version, template) => ({
      template: { ...templateThere(template), version: versionThere(template, version) },
    })),
  );
  scope.put(
    "/templates/:name/versions/:tag",
    ofVersion(async (version, template, request) => {
      const form = await formOf(request);
      if (isFault(form)) return form;
      const change = versionChange(form);
      if (isFault(change)) return change;
      const done = await update(template, version, change, parts);
      return isFault(done) ? done : mutated("version has been updated", template, tagOf(version));
    }),
  );
  scope.put(
    "/templates/:name/versions/:tag/copy/:newTag",
    ofVersion(async (version, template, request) => {
      const tag = (request.params as { newTag: string }).newTag;
      const comment = queried(request, "comment");
      const change = { isActive: false, ...(comment === undefined ? {} : { comment }) };
      const made = await add(template, tag, change, version, parts);
      if (isFault(made)) return made;
      return { message: "version has been copied", version: versionThere(made.template, made.template.draft) };
    }),
  );
  scope.delete(
    "/templates/:name/versions/:tag",
    ofVersion(async (version, template) => {
      const { tenant, uuid } = template;
      const done = await templates.removeVersion(tenant, { uuid }, version.uuid);
      return done ? mutated("version has been deleted", template, tagOf(version)) : ACTIVE;
    }),
  );
}

const mutated = (message: string, { name }: Template, tag: string): object => ({
  message,
  template: { name, version: { tag } },
});

/** One more version: of the request's content, or of another version's. The first one that can be seen is active at once. */
async function add(
  template: Template,
  tag: string,
  change: VersionChange,
  like: TemplateVersion | null,
  { templates }: CompatParts,
): Promise<{ template: Template } | Fault> {
  const { tenant, uuid, draft } = template;
  const before = await versionsOf(templates, template);
  if (before.some((one) => tagOf(one) === tag))
    return fault(400, `version with tag '${tag.slice(0, 128)}' already exists`);
  if (before.length >= MOST_VERSIONS) return fault(400, `A template can store up to ${MOST_VERSIONS} versions`);
  const made = stored(
    await templates.put(
      tenant,
      { uuid },
      {
        versionLabel: tag,
        subject: change.subject ?? like?.subject ?? null,
        html: change.html ?? like?.html ?? null,
        text: like?.text ?? null,
        fallbacks: like?.fallbacks ?? {},
        extra: withDetails(extraOf(template), tag, change, before.map(tagOf)),
        publish: change.isActive || before.length === 0,
      },
    ),
  );
  // The empty version of a template that was made without content has no use any more.
  if (!isFault(made) && before.length === 0) await templates.removeVersion(tenant, { uuid }, draft.uuid);
  return made;
}

/** Versions do not change once they are kept: another one takes the tag, and the place of what is sent. */
async function update(
  template: Template,
  version: TemplateVersion,
  change: VersionChange,
  { templates }: CompatParts,
): Promise<Fault | { template: Template }> {
  const { tenant, uuid } = template;
  const tag = tagOf(version);
  const others = (await versionsOf(templates, template)).map(tagOf);
  const extra = withDetails(extraOf(template), tag, change, others);
  const isActive = change.isActive || template.published?.uuid === version.uuid;
  const isNew = change.html !== undefined || change.subject !== undefined;
  const content = {
    versionLabel: tag,
    subject: change.subject ?? version.subject,
    html: change.html ?? version.html,
    text: version.text,
    fallbacks: version.fallbacks,
  };
  const kept = stored(
    await templates.put(tenant, { uuid }, { extra, publish: isNew && isActive, ...(isNew ? content : {}) }),
  );
  if (isFault(kept)) return kept;
  if (isNew) await templates.removeVersion(tenant, { uuid }, version.uuid);
  else if (isActive) await templates.publish(tenant, { uuid }, version.uuid);
  return kept;
}
