import type { Template, TemplateRef, TemplateSummary, TemplateVersion } from "./template.ts";

/** A template without its sources; the ids of the versions lead to them. */
export type TemplateRow = Omit<Template, "published" | "draft"> & { published: string | null; draft: string };
export type VersionRow = TemplateVersion & { sizeBytes: number };

/** Where templates are kept: PostgreSQL (rows-in-postgres.ts), or memory in tests. */
export type TemplateRows = {
  list(tenant: string, limit: number, after: string | null): Promise<TemplateSummary[]>;
  find(tenant: string, ref: TemplateRef): Promise<TemplateRow | null>;
  /** Those of the template that exist, in any order. */
  versions(template: number, uuids: readonly string[]): Promise<VersionRow[]>;
  /** Newest first. */
  allVersions(template: number): Promise<VersionRow[]>;
  /** One after the other for a tenant; all of it or nothing. */
  change<Result>(tenant: string, work: (rows: WritableRows) => Promise<Result>): Promise<Result>;
};

export type WritableRows = Omit<TemplateRows, "change"> & {
  /** What the tenant keeps. */
  totals(tenant: string): Promise<{ templates: number; bytes: number }>;
  /** Whose a name or an alias is. */
  ownerOf(tenant: string, name: string): Promise<number | null>;
  /** By any tenant's template. */
  isUuidTaken(uuid: string): Promise<boolean>;
  insert(row: Omit<TemplateRow, "id">): Promise<number>;
  update(row: TemplateRow): Promise<void>;
  addVersion(template: number, version: VersionRow): Promise<void>;
  removeVersion(uuid: string): Promise<void>;
  remove(template: number): Promise<void>;
};
