import type { TemplateRow, TemplateRows, VersionRow, WritableRows } from "../../src/templates/store/rows.ts";
import type { TemplateRef } from "../../src/templates/index.ts";

/** Templates in memory, for doors without a database. What happens with them is templateStore's, as with real rows. */
export function templateRowsInMemory(): TemplateRows {
  const templates = new Map<number, TemplateRow>();
  const versions = new Map<string, VersionRow & { template: number }>();
  let lastId = 0;
  const finds = (ref: TemplateRef) => (row: TemplateRow) =>
    "id" in ref
      ? row.id === ref.id
      : "uuid" in ref
        ? row.uuid === ref.uuid
        : [row.name, ...row.aliases].includes(ref.name);
  const ofTenant = (tenant: string) => [...templates.values()].filter((row) => row.tenant === tenant);
  const versionsOf = (template: number) => [...versions.values()].filter((one) => one.template === template);

  const rows: WritableRows = {
    list: async (tenant, limit, after) =>
      ofTenant(tenant)
        .filter((row) => after === null || row.name > after)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .slice(0, limit)
        .map((row) => {
          const { id, uuid, name, displayName, aliases, dialect, labels, createdAt, updatedAt } = row;
          const isPublished = row.published !== null;
          return { id, uuid, name, displayName, aliases, dialect, labels, isPublished, createdAt, updatedAt };
        }),
    find: async (tenant, ref) => ofTenant(tenant).find(finds(ref)) ?? null,
    versions: async (template, uuids) => versionsOf(template).filter((one) => uuids.includes(one.uuid)),
    allVersions: async (template) => versionsOf(template).toSorted((a, b) => b.number - a.number),
    totals: async (tenant) => ({
      templates: ofTenant(tenant).length,
      bytes: ofTenant(tenant)
        .flatMap((row) => versionsOf(row.id))
        .reduce((sum, one) => sum + one.sizeBytes, 0),
    }),
    ownerOf: async (tenant, name) => ofTenant(tenant).find(finds({ name }))?.id ?? null,
    isUuidTaken: async (uuid) => [...templates.values()].some((row) => row.uuid === uuid),
    insert: async (row) => {
      lastId += 1;
      templates.set(lastId, { ...row, id: lastId });
      return lastId;
    },
    update: async (row) => void templates.set(row.id, row),
    addVersion: async (template, version) => void versions.set(version.uuid, { ...version, template }),
    removeVersion: async (uuid) => void versions.delete(uuid),
    remove: async (template) => {
      templates.delete(template);
      for (const one of versionsOf(template)) versions.delete(one.uuid);
    },
  };
  return { ...rows, change: (_tenant, work) => work(rows) };
}
