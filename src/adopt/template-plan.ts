import { compileTemplate, problemText } from "../templates/index.ts";
import type { FoundTemplate, FoundVersion } from "../providers/index.ts";

/** What comes of a template: the versions that can be kept, or why it cannot be adopted. */
export type TemplatePlan =
  | { kind: "take"; versions: readonly FoundVersion[]; notes: readonly string[] }
  | { kind: "refuse"; problems: readonly string[] };

/** A template keeps 50 versions and the published one; further back nobody looks. */
const VERSIONS = 40;
/** Of one template; the first ones are enough to begin with. */
const PROBLEMS = 5;

/**
 * A template is adopted if what goes out there can be rendered here; where nothing goes out, if its newest version can.
 * Older and newer versions that cannot are left, and told.
 */
export function planOf(template: FoundTemplate): TemplatePlan {
  if (template.obstacle !== null) return { kind: "refuse", problems: [template.obstacle] };
  const active = template.versions.find(({ isActive }) => isActive);
  const chief = active ?? template.versions.at(-1);
  if (!chief) return { kind: "refuse", problems: ["It has no version."] };
  const faults = faultsOf(template, chief);
  if (faults.length > 0) return { kind: "refuse", problems: faults };
  const others = template.versions.filter((one) => one !== chief);
  const kept = others.slice(-VERSIONS);
  const notes = others.length > kept.length ? [`${others.length - kept.length} old versions are left.`] : [];
  const usable = kept.filter((one) => {
    const [first] = faultsOf(template, one);
    if (first !== undefined) notes.push(`Version ${one.label || "not published"} is left: ${first}`);
    return first === undefined;
  });
  const versions = template.versions.filter((one) => one === chief || usable.includes(one));
  return { kind: "take", versions, notes };
}

function faultsOf({ dialect }: FoundTemplate, { subject, html, text, fallbacks = {} }: FoundVersion): string[] {
  if (subject === null && html === null && text === null) return ["It is empty."];
  const compiled = compileTemplate({ subject, html, text }, { dialect, fallbacks });
  if (compiled.kind === "compiled") return [];
  const all = compiled.problems.map((problem) => `${problem.code}: ${problemText(problem)}`);
  return all.length > PROBLEMS ? [...all.slice(0, PROBLEMS), `and ${all.length - PROBLEMS} more`] : all;
}
