import type { TemplatePart } from "../../../templates/index.ts";

/** No source may grow beyond this; templates/bounds.ts has the same for what is compiled. */
const MOST_CHARACTERS = 64 * 1024;

export type Sources = Record<TemplatePart, string | null>;

/**
 * Puts sections where a source names one, or where it has a substitution whose value names one (SendGrid "Section
 * tags", seen 2026-11-25). Sections come with the request as its content does, so they are source and no value.
 * @returns null where a source would grow beyond all bounds.
 */
export function withSections(
  sources: Sources,
  sections: Record<string, string>,
  substitutions: Record<string, string | number>,
): Sources | null {
  const texts = new Map<string, string>(Object.entries(sections).filter(([tag]) => tag !== ""));
  for (const [tag, value] of Object.entries(substitutions)) {
    if (tag !== "" && Object.hasOwn(sections, String(value))) texts.set(tag, sections[String(value)]!);
  }
  if (texts.size === 0) return sources;
  const longestFirst = [...texts.keys()].toSorted((a, b) => b.length - a.length);
  const any = new RegExp(longestFirst.map((tag) => tag.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")).join("|"), "g");
  const filled: Sources = { ...sources };
  for (const part of ["subject", "html", "text"] as const) {
    const source = sources[part];
    if (source === null) continue;
    const made = filledIn(source, any, texts);
    if (made === null) return null;
    filled[part] = made;
  }
  return filled;
}

function filledIn(source: string, any: RegExp, texts: ReadonlyMap<string, string>): string | null {
  const pieces: string[] = [];
  let [from, length] = [0, source.length];
  for (const { 0: tag, index } of source.matchAll(any)) {
    const text = texts.get(tag)!;
    length += text.length - tag.length;
    if (length > MOST_CHARACTERS) return null;
    pieces.push(source.slice(from, index), text);
    from = index + tag.length;
  }
  return pieces.join("") + source.slice(from);
}
