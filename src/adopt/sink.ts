import type { ApiKind } from "../config/index.ts";
import type { Clock } from "../kernel/index.ts";
import type { FoundSuppression } from "../providers/index.ts";
import type { Queryable } from "../store/index.ts";
import { type ImportedSuppression, importSuppressions } from "../tenancy/index.ts";
import type { TemplateStore } from "../templates/index.ts";
import { keepTemplate } from "./keep-template.ts";
import type { Sink } from "./adopt-account.ts";

type SinkParts = {
  tenant: string;
  kind: ApiKind;
  templates: TemplateStore;
  database: Queryable;
  /** limits.suppressionsPerTenant */
  most: number;
  clock: Clock;
};

/** Writes into the tenant's own store and list. */
export const sinkInto = ({ tenant, kind, templates, database, most, clock }: SinkParts): Sink => ({
  template: (template, versions) => keepTemplate(templates, tenant, kind, template, versions),
  suppressions: (group) =>
    importSuppressions(
      database,
      tenant,
      group.map((one) => entryOf(one, kind, clock.now())),
      most,
    ),
});

/** The reason tells where it is from, so that all of one origin can be found and taken off again. */
const entryOf = ({ address, kind, detail, at }: FoundSuppression, from: ApiKind, now: number): ImportedSuppression => ({
  address,
  kind,
  reason: detail === "" ? `at ${from}` : `at ${from}, ${detail}`,
  createdAt: at === null ? now : Math.min(at, now),
});
