import { type Clock, type Random, isUuid, uuidText, uuidV7 } from "../../kernel/index.ts";
import { compileTemplate } from "../template.ts";
import { STORE_BOUNDS } from "./bounds.ts";
import { changeFault, nameFault, refused } from "./check-change.ts";
import { CompiledCache } from "./compiled-cache.ts";
import type { TemplateRow, TemplateRows, VersionRow, WritableRows } from "./rows.ts";
import type {
  CompiledVersion,
  PutAnswer,
  Template,
  TemplateChange,
  TemplateRef,
  TemplateStore,
  TemplateVersion,
  WhichVersion,
} from "./template.ts";

type StoreParts = { rows: TemplateRows; clock: Clock; random: Random };

/**
 * Keeps templates. What does not compile is not kept, so whatever is found can be rendered; versions never change, so
 * their compiled forms stay in memory; what is published changes in one row.
 */
export function templateStore({ rows: kept, clock, random }: StoreParts): TemplateStore {
  const rows = onlyWhatCanBe(kept);
  const cache = new CompiledCache();
  const newUuid = () => uuidText(uuidV7(clock, random));

  async function whole(row: TemplateRow, from: Pick<TemplateRows, "versions"> = rows): Promise<Template> {
    const { published, draft, ...rest } = row;
    const found = await from.versions(row.id, published === null ? [draft] : [published, draft]);
    const version = (uuid: string): TemplateVersion => withoutSize(found.find((one) => one.uuid === uuid)!);
    return { ...rest, published: published === null ? null : version(published), draft: version(draft) };
  }

  const get = async (tenant: string, ref: TemplateRef): Promise<Template | null> => {
    const row = await rows.find(tenant, ref);
    return row && whole(row);
  };

  async function compiled(tenant: string, ref: TemplateRef, which: WhichVersion): Promise<CompiledVersion | null> {
    const row = await rows.find(tenant, ref);
    if (!row) return null;
    const uuid = which === "published" ? row.published : which === "draft" ? row.draft : which.version;
    if (uuid === null) return null;
    // A version that is in memory may be another template's: then it is not this one's to give.
    const known = cache.get(`${row.id} ${uuid}`);
    const { published: _, draft: __, ...template } = row;
    if (known) return { template, version: known.version, compiled: known.compiled };
    const [found] = await rows.versions(row.id, [uuid]);
    if (!found) return null;
    const version = withoutSize(found);
    const made = compileTemplate(version, { dialect: row.dialect, fallbacks: version.fallbacks });
    // Kept means compiled; only a later Postern that takes less could get here.
    if (made.kind === "problems")
      throw new Error(`a template that was kept does not compile: ${made.problems[0]!.detail}`);
    cache.put(`${row.id} ${uuid}`, { version, compiled: made.template, bytes: found.sizeBytes });
    return { template, version, compiled: made.template };
  }

  return {
    list: (tenant, limit, after) => rows.list(tenant, limit, after),
    get,
    compiled,
    async put(tenant, ref, change) {
      const fault = changeFault(change);
      if (fault) return fault;
      return rows.change(tenant, async (tx) => {
        const before = await tx.find(tenant, ref);
        const stored = await (before
          ? changed(tx, before, change, { at: clock.now(), newUuid })
          : created(tx, tenant, ref, change, { at: clock.now(), newUuid }));
        if ("kind" in stored) return stored;
        return { kind: "stored", template: await whole(stored, tx), isNew: before === null };
      });
    },
    publish: (tenant, ref, version) =>
      rows.change(tenant, async (tx) => {
        const row = await tx.find(tenant, ref);
        if (!row) return false;
        const uuid = version ?? row.draft;
        if ((await tx.versions(row.id, [uuid])).length === 0) return false;
        await tx.update({ ...row, published: uuid, updatedAt: clock.now() });
        return true;
      }),
    remove: (tenant, ref) =>
      rows.change(tenant, async (tx) => {
        const row = await tx.find(tenant, ref);
        if (row) await tx.remove(row.id);
        return row !== null;
      }),
    async versions(tenant, ref) {
      const row = await rows.find(tenant, ref);
      return row && (await rows.allVersions(row.id)).map(withoutSize);
    },
    removeVersion: (tenant, ref, version) =>
      rows.change(tenant, async (tx) => {
        const row = await tx.find(tenant, ref);
        if (!row || row.published === version) return false;
        const all = await tx.allVersions(row.id);
        const next = all.find((one) => one.uuid !== version);
        if (!next || !all.some((one) => one.uuid === version)) return false;
        if (row.draft === version) await tx.update({ ...row, draft: next.uuid, updatedAt: clock.now() });
        await tx.removeVersion(version);
        return true;
      }),
  };
}

/** What is no number or UUID of ours names nothing; the database would take it for a mistake of the program. */
function onlyWhatCanBe<Rows extends TemplateRows | WritableRows>(rows: Rows): Rows {
  const guarded = {
    ...rows,
    find: async (tenant: string, ref: TemplateRef) => (canBe(ref) ? rows.find(tenant, ref) : null),
    versions: async (template: number, uuids: readonly string[]) => rows.versions(template, uuids.filter(isUuid)),
  };
  if (!("change" in rows)) return guarded;
  const change: TemplateRows["change"] = (tenant, work) => rows.change(tenant, (tx) => work(onlyWhatCanBe(tx)));
  return { ...guarded, change };
}
const canBe = (ref: TemplateRef): boolean =>
  "id" in ref ? Number.isSafeInteger(ref.id) : "uuid" in ref ? isUuid(ref.uuid) : !ref.name.includes("\0");

type Making = { at: number; newUuid(): string };
type Refusal = Exclude<PutAnswer, { kind: "stored" }>;

async function created(
  tx: WritableRows,
  tenant: string,
  ref: TemplateRef,
  change: TemplateChange,
  { at, newUuid }: Making,
): Promise<TemplateRow | Refusal> {
  if (!("name" in ref)) return refused("template-not-found", "There is no such template.");
  const fault = nameFault(ref.name);
  if (fault !== null) return refused("template-name-invalid", fault);
  if (!change.dialect) return refused("template-change-invalid", "A new template needs its dialect.");
  const version = versionOf(change, null, 1, { at, newUuid });
  const row: Omit<TemplateRow, "id"> = {
    uuid: change.uuid && isUuid(change.uuid) && !(await tx.isUuidTaken(change.uuid)) ? change.uuid : newUuid(),
    tenant,
    name: ref.name,
    displayName: change.displayName ?? ref.name,
    aliases: (change.aliases ?? []).filter((alias) => alias !== ref.name),
    dialect: change.dialect,
    from: change.from ?? null,
    replyTo: change.replyTo ?? null,
    labels: change.labels ?? [],
    extra: change.extra ?? {},
    published: change.publish ? version.uuid : null,
    draft: version.uuid,
    createdAt: at,
    updatedAt: at,
  };
  const totals = await tx.totals(tenant);
  if (totals.templates >= STORE_BOUNDS.templates) {
    return refused("templates-too-many", `A tenant keeps at most ${STORE_BOUNDS.templates} templates. Remove one.`);
  }
  const refusal = (await refusalOf(tx, { ...row, id: -1 }, version, totals.bytes)) ?? null;
  if (refusal) return refusal;
  const id = await tx.insert(row);
  await tx.addVersion(id, version);
  return { ...row, id };
}

async function changed(
  tx: WritableRows,
  before: TemplateRow,
  change: TemplateChange,
  { at, newUuid }: Making,
): Promise<TemplateRow | Refusal> {
  const all = await tx.allVersions(before.id);
  const draft = all.find((one) => one.uuid === before.draft)!;
  const dialect = change.dialect ?? before.dialect;
  const makesVersion =
    dialect !== before.dialect ||
    [change.subject, change.html, change.text, change.fallbacks, change.versionLabel].some((one) => one !== undefined);
  const version = makesVersion ? versionOf(change, draft, all[0]!.number + 1, { at, newUuid }) : draft;
  const name = change.name ?? before.name;
  const row: TemplateRow = {
    ...before,
    name,
    displayName: change.displayName ?? before.displayName,
    aliases: (change.aliases ?? before.aliases).filter((alias) => alias !== name),
    dialect,
    from: change.from === undefined ? before.from : change.from,
    replyTo: change.replyTo === undefined ? before.replyTo : change.replyTo,
    labels: change.labels ?? before.labels,
    extra: change.extra ?? before.extra,
    published: change.publish ? version.uuid : before.published,
    draft: version.uuid,
    updatedAt: at,
  };
  const { bytes } = await tx.totals(before.tenant);
  const refusal = await refusalOf(tx, row, version, makesVersion ? bytes : bytes - version.sizeBytes);
  if (refusal) return refusal;
  await tx.update(row);
  if (makesVersion) {
    await tx.addVersion(row.id, version);
    for (const old of all.filter((one) => one.uuid !== row.published).slice(STORE_BOUNDS.versions - 1)) {
      await tx.removeVersion(old.uuid);
    }
  }
  return row;
}

/** Why a template as it would be may not be kept, or null. */
async function refusalOf(
  tx: WritableRows,
  row: TemplateRow,
  version: VersionRow,
  bytes: number,
): Promise<Refusal | null> {
  for (const name of [row.name, ...row.aliases]) {
    const owner = await tx.ownerOf(row.tenant, name);
    if (owner !== null && owner !== row.id) {
      return refused("template-name-taken", "Another template has this name, or this alias.");
    }
  }
  if (bytes + version.sizeBytes > STORE_BOUNDS.bytes) {
    return refused(
      "templates-too-large",
      `The templates of a tenant may take ${STORE_BOUNDS.bytes} octets. Remove some.`,
    );
  }
  const compiled = compileTemplate(version, { dialect: row.dialect, fallbacks: version.fallbacks });
  return compiled.kind === "problems" ? compiled : null;
}

function versionOf(
  change: TemplateChange,
  before: TemplateVersion | null,
  number: number,
  { at, newUuid }: Making,
): VersionRow {
  const source = (part: "subject" | "html" | "text"): string | null =>
    change[part] === undefined ? (before?.[part] ?? null) : (change[part] ?? null);
  const [subject, html, text] = [source("subject"), source("html"), source("text")];
  const sizeBytes = [subject, html, text].reduce((sum, one) => sum + Buffer.byteLength(one ?? ""), 0);
  return {
    uuid: newUuid(),
    number,
    label: change.versionLabel ?? before?.label ?? "",
    subject,
    html,
    text,
    fallbacks: change.fallbacks ?? before?.fallbacks ?? {},
    sizeBytes,
    createdAt: at,
  };
}

function withoutSize(row: VersionRow): TemplateVersion {
  const { sizeBytes: _, ...version } = row;
  return version;
}
