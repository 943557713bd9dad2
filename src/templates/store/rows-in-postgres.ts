import type { Database, Queryable } from "../../store/index.ts";
import type { TemplateRow, TemplateRows, VersionRow, WritableRows } from "./rows.ts";
import type { TemplateRef, TemplateSummary } from "./template.ts";

const TEMPLATE = `
  t.template_id AS id, t.uuid, t.tenant, t.name, t.display_name AS "displayName", t.dialect, t.author AS "from",
  t.reply_to AS "replyTo", t.labels, t.extra, t.published, t.draft, t.created_at AS "createdAt", t.updated_at AS "updatedAt",
  ARRAY(SELECT n.name FROM template_names n WHERE n.template_id = t.template_id AND n.is_alias ORDER BY n.name) AS aliases`;
const VERSION = `
  version_id AS uuid, n AS number, label, subject, html, text, fallbacks, size_bytes AS "sizeBytes", created_at AS "createdAt"`;

/** Any fixed number: the space of the locks that let a tenant's changes take turns. */
const CHANGE_LOCK = 7_082_023;

export const templateRows = (database: Database): TemplateRows => ({
  ...reading(database),
  change: (tenant, work) =>
    database.transaction(async (tx) => {
      await tx.query("SELECT pg_advisory_xact_lock($1, hashtext($2))", [CHANGE_LOCK, tenant]);
      return work(writing(tx));
    }),
});

const reading = (on: Queryable): Omit<TemplateRows, "change"> => ({
  async list(tenant, limit, after) {
    const rows = await on.query<TemplateRow>(
      `SELECT ${TEMPLATE} FROM templates t WHERE t.tenant = $1 AND ($2::text IS NULL OR t.name > $2) ORDER BY t.name LIMIT $3`,
      [tenant, after, limit],
    );
    return rows.map(summaryOf);
  },
  async find(tenant, ref) {
    const [where, value] = condition(ref);
    const rows = await on.query<TemplateRow>(`SELECT ${TEMPLATE} FROM templates t WHERE t.tenant = $1 AND ${where}`, [
      tenant,
      value,
    ]);
    return rows[0] ?? null;
  },
  versions: (template, uuids) =>
    on.query<VersionRow>(
      `SELECT ${VERSION} FROM template_versions WHERE template_id = $1 AND version_id = ANY($2::uuid[])`,
      [template, uuids],
    ),
  allVersions: (template) =>
    on.query<VersionRow>(`SELECT ${VERSION} FROM template_versions WHERE template_id = $1 ORDER BY n DESC`, [template]),
});

function condition(ref: TemplateRef): [sql: string, value: unknown] {
  if ("id" in ref) return ["t.template_id = $2", ref.id];
  if ("uuid" in ref) return ["t.uuid = $2", ref.uuid];
  return ["t.template_id = (SELECT n.template_id FROM template_names n WHERE n.tenant = $1 AND n.name = $2)", ref.name];
}

const summaryOf = (row: TemplateRow): TemplateSummary => {
  const { id, uuid, name, displayName, aliases, dialect, labels, published, createdAt, updatedAt } = row;
  const isPublished = published !== null;
  return { id, uuid, name, displayName, aliases, dialect, labels, isPublished, createdAt, updatedAt };
};

const writing = (tx: Queryable): WritableRows => ({
  ...reading(tx),
  async totals(tenant) {
    const rows = await tx.query<{ templates: number; bytes: number }>(
      `SELECT count(*) AS templates, coalesce((SELECT sum(v.size_bytes) FROM template_versions v
         JOIN templates o ON o.template_id = v.template_id WHERE o.tenant = $1), 0)::bigint AS bytes
       FROM templates WHERE tenant = $1`,
      [tenant],
    );
    return rows[0]!;
  },
  async ownerOf(tenant, name) {
    const rows = await tx.query<{ id: number }>(
      "SELECT template_id AS id FROM template_names WHERE tenant = $1 AND name = $2",
      [tenant, name],
    );
    return rows[0]?.id ?? null;
  },
  async isUuidTaken(uuid) {
    return (await tx.query("SELECT FROM templates WHERE uuid = $1", [uuid])).length > 0;
  },
  async insert(row) {
    const rows = await tx.query<{ id: number }>(
      `INSERT INTO templates (uuid, tenant, name, display_name, dialect, author, reply_to, labels, extra, published, draft,
         created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, to_timestamp($12 / 1000.0), to_timestamp($12 / 1000.0))
       RETURNING template_id AS id`,
      [row.uuid, row.tenant, ...columns(row), row.updatedAt],
    );
    const { id } = rows[0]!;
    await setNames(tx, { ...row, id });
    return id;
  },
  async update(row) {
    await tx.query(
      `UPDATE templates SET name = $2, display_name = $3, dialect = $4, author = $5, reply_to = $6, labels = $7, extra = $8,
         published = $9, draft = $10, updated_at = to_timestamp($11 / 1000.0) WHERE template_id = $1`,
      [row.id, ...columns(row), row.updatedAt],
    );
    await tx.query("DELETE FROM template_names WHERE template_id = $1", [row.id]);
    await setNames(tx, row);
  },
  async addVersion(template, { uuid, number, label, subject, html, text, fallbacks, sizeBytes, createdAt }) {
    await tx.query(
      `INSERT INTO template_versions (version_id, template_id, n, label, subject, html, text, fallbacks, size_bytes, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10 / 1000.0))`,
      [uuid, template, number, label, subject, html, text, JSON.stringify(fallbacks), sizeBytes, createdAt],
    );
  },
  async removeVersion(uuid) {
    await tx.query("DELETE FROM template_versions WHERE version_id = $1", [uuid]);
  },
  async remove(template) {
    for (const table of ["template_versions", "template_names", "templates"]) {
      await tx.query(`DELETE FROM ${table} WHERE template_id = $1`, [template]);
    }
  },
});

/** In the order in which both statements write them. */
const columns = (row: Omit<TemplateRow, "id">): unknown[] => [
  row.name,
  row.displayName,
  row.dialect,
  row.from,
  row.replyTo,
  row.labels,
  JSON.stringify(row.extra),
  row.published,
  row.draft,
];

async function setNames(tx: Queryable, { id, tenant, name, aliases }: TemplateRow): Promise<void> {
  await tx.query(
    `INSERT INTO template_names (tenant, name, template_id, is_alias)
     SELECT $1, given.name, $2, given.name <> $4 FROM unnest($3::text[]) AS given (name)`,
    [tenant, id, [...new Set([name, ...aliases])], name],
  );
}
