import { createHash } from "node:crypto";
import type { FoundTemplate, FoundVersion } from "../providers/index.ts";
import type { PutAnswer, Template, TemplateChange, TemplateStore } from "../templates/index.ts";

/** new · changed: it had been adopted, and is another one there by now · same · kept: here is one that people made or changed. */
export type TemplateFate =
  | { kind: "new" | "changed" | "same"; notes: readonly string[] }
  | { kind: "kept"; notes: readonly string[] }
  | { kind: "refused"; problems: readonly string[] };

/** What is remembered beside a template that was adopted, in `extra`. */
type Adopted = { from: string; id: string; there: string; here: string };

/**
 * Puts one template with its versions into the store. Done again it changes nothing; what was changed there since comes as a
 * new version; what was changed here stays, for somebody meant it.
 * @param from the kind of provider. @param versions those that can be kept, oldest first.
 */
export async function keepTemplate(
  store: TemplateStore,
  tenant: string,
  from: string,
  template: FoundTemplate,
  versions: readonly FoundVersion[],
): Promise<TemplateFate> {
  const there = markOf([template.dialect, ...versions.map(({ label, isActive, ...rest }) => [label, isActive, rest])]);
  const before = await store.get(tenant, { name: template.name });
  const known = before && adoptedOf(before);
  if (before) {
    if (!known || known.from !== from || known.id !== template.id) {
      return { kind: "kept", notes: ["Here is a template of that name that did not come from there. It stays."] };
    }
    if (known.there === there) return { kind: "same", notes: [] };
    // An empty mark: the adopting was broken off in the middle.
    if (known.here !== "" && known.here !== stateOf(before)) {
      return { kind: "kept", notes: ["It was changed here since it was adopted. It stays."] };
    }
  }
  const notes: string[] = [];
  let kept: Template | null = before;
  for (const version of await missingOf(store, tenant, before, versions)) {
    const answer = await put(store, tenant, template, changeOf(template, version, { from, id: template.id }), notes);
    if (answer.kind !== "stored") return { kind: "refused", problems: problemsOf(answer) };
    kept = answer.template;
  }
  if (kept) {
    const adopted: Adopted = { from, id: template.id, there, here: stateOf(kept) };
    await store.put(tenant, { uuid: kept.uuid }, { extra: { ...kept.extra, adopted }, publish: false });
    if (template.uuid !== null && kept.uuid !== template.uuid) {
      notes.push("Its id there is taken here: it is found by its name only.");
    }
  }
  return { kind: before ? "changed" : "new", notes };
}

const changeOf = (
  template: FoundTemplate,
  { label, subject, html, text, fallbacks, isActive }: FoundVersion,
  adopted: Pick<Adopted, "from" | "id">,
): TemplateChange => ({
  dialect: template.dialect,
  ...(template.uuid === null ? {} : { uuid: template.uuid }),
  displayName: template.displayName,
  aliases: template.aliases,
  from: template.from,
  replyTo: template.replyTo,
  labels: template.labels.slice(0, 10),
  versionLabel: label,
  subject,
  html,
  text,
  ...(fallbacks ? { fallbacks } : {}),
  extra: { adopted: { ...adopted, there: "", here: "" } },
  publish: isActive,
});

/** An alias that is somebody else's is no reason to leave the template. */
async function put(
  store: TemplateStore,
  tenant: string,
  { name, aliases }: FoundTemplate,
  change: TemplateChange,
  notes: string[],
): Promise<PutAnswer> {
  const answer = await store.put(tenant, { name }, change);
  const isAliasFault =
    answer.kind === "refused" && ["template-name-taken", "template-name-invalid"].includes(answer.code);
  if (!isAliasFault || aliases.length === 0) return answer;
  notes.push(`It has no other name here: ${answer.detail}`);
  const { aliases: _, ...rest } = change;
  return store.put(tenant, { name }, rest);
}

/** What a run that was broken off had put already is not put again. */
async function missingOf(
  store: TemplateStore,
  tenant: string,
  before: Template | null,
  versions: readonly FoundVersion[],
): Promise<readonly FoundVersion[]> {
  if (before === null) return versions;
  const there = new Set(((await store.versions(tenant, { uuid: before.uuid })) ?? []).map(sourcesMark));
  const missing = versions.filter((one) => !there.has(sourcesMark(one)));
  // Another one goes out now, whose sources are here: it is put once more, as the newest.
  const active = versions.find(({ isActive }) => isActive);
  const isOut = !active || (before.published !== null && sourcesMark(before.published) === sourcesMark(active));
  return isOut || missing.includes(active) ? missing : [...missing, active];
}

const problemsOf = (answer: Exclude<PutAnswer, { kind: "stored" }>): string[] =>
  answer.kind === "refused"
    ? [`${answer.code}: ${answer.detail}`]
    : answer.problems.map(({ code, detail, part, line }) => `${code}: ${part}, line ${line}: ${detail}`);

function adoptedOf({ extra }: Template): Adopted | null {
  const { from, id, there, here } = (extra["adopted"] ?? {}) as Partial<Record<keyof Adopted, unknown>>;
  const texts = [from, id, there, here];
  return texts.every((one) => typeof one === "string") ? ({ from, id, there, here } as Adopted) : null;
}

const sourcesMark = ({ subject, html, text }: Pick<FoundVersion, "subject" | "html" | "text">): string =>
  markOf([subject, html, text]);
const stateOf = ({ published, draft }: Template): string => markOf([published?.uuid ?? null, draft.uuid]);
const markOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
