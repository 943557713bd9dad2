import path from "node:path";
import { CODE, ROOT, type SourceFile, filesLike, isTest, placeOf, tell, withoutComments } from "./findings.ts";
import { ROOMS, type Room, WORLD } from "./layers.ts";

/**
 * Holds every import against the table of layers.ts. Each finding is a sentence: which import, which rule, what to do.
 * Tests and measurements may look into any room, past its door: what they need is no reason to export more.
 */
export function checkLayers(files: readonly SourceFile[], rooms: Readonly<Record<string, Room>> = ROOMS): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((one) => {
      const said = complaint(file.name, one, rooms);
      return said === undefined ? [] : [`${placeOf(file, one.offset)} ${said}`];
    }),
  );
}

type Import = { from: string; typeOnly: boolean; offset: number };

const STATEMENT = /^[ \t]*(?:import|export)\b(\s+type\b)?[^"'`;]*?\bfrom\s*["']([^"']+)["']/gm;
const SIDE_EFFECT = /^[ \t]*import\s*["']([^"']+)["']/gm;
const CALL = /\bimport\(\s*["']([^"']+)["']/g;

/** Every module named by an import or re-export. `import { type A }` counts as a real import: it loads the module. */
export function importsOf(file: SourceFile): Import[] {
  const text = withoutComments(file.text);
  return [
    ...[...text.matchAll(STATEMENT)].map((m) => ({ from: m[2]!, typeOnly: m[1] !== undefined, offset: endOf(m) })),
    ...[...text.matchAll(SIDE_EFFECT)].map((m) => ({ from: m[1]!, typeOnly: false, offset: endOf(m) })),
    ...[...text.matchAll(CALL)].map((m) => ({ from: m[1]!, typeOnly: isTypeQuery(text, endOf(m)), offset: endOf(m) })),
  ];
}

const endOf = (match: RegExpExecArray): number => match.index + match[0].length;
/** `import("./x.ts").Name` without `await` before it stands in a type. */
const isTypeQuery = (text: string, end: number): boolean => /^["']?\s*\)\s*\.\s*[A-Z]/.test(text.slice(end, end + 40));

function complaint(
  name: string,
  { from, typeOnly }: Import,
  rooms: Readonly<Record<string, Room>>,
): string | undefined {
  const own = roomOf(name);
  const rule = own === undefined ? undefined : rooms[own];
  if (own !== undefined && !rule) {
    return `is in the room ${own}, which the table in scripts/layers.ts does not know. Say there what it may import.`;
  }
  if (!from.startsWith(".")) {
    return rule?.pure && !isTest(name) && WORLD.test(from)
      ? `imports ${from}, but ${own} is pure: it decides and touches no file, socket or database. Do it in the room that calls, and hand the facts in.`
      : undefined;
  }
  const target = path.posix.join(path.posix.dirname(name), from);
  const other = roomOf(target);
  if (other === undefined) {
    return own !== undefined && !isTest(name) && /^(?:test|scripts|bench)\//.test(target)
      ? `imports ${target}: the program may not need its own tests and tools. Move what it needs into a room of src/.`
      : undefined;
  }
  if (other === own) return undefined;
  if (own === undefined || isTest(name)) return undefined;
  const door = `src/${other}/index.ts`;
  // Rehearsals start the whole program: who starts the lab alone must not load them.
  if (!other.endsWith(".ts") && target !== door && target !== "src/lab/rehearsal/index.ts") {
    return `enters the room ${other} by a side door, ${target}. Import ${door}, and export there what others need.`;
  }
  if (rule === undefined || rule.may.includes(other)) return undefined;
  if (rule.mayKnow?.includes(other)) {
    return typeOnly
      ? undefined
      : `imports ${other}, of which ${own} may know the shapes only. Write \`import type\`, or take what it does as a parameter.`;
  }
  return `imports ${other}, but ${own} may import ${listed(rule.may)}. Hand it in as a parameter, or move what both need to a room above.`;
}

/** The room of a file in src/: its folder, or itself where it stands directly there. */
const roomOf = (name: string): string | undefined => /^src\/([^/]+)(?:\/|$)/.exec(name)?.[1];

function listed(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  return names.length === 1 ? `${names[0]} only` : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} only`;
}

if (import.meta.main) tell(checkLayers(filesLike(ROOT, CODE)), "Every import keeps to the table.");
