import { globSync, statSync } from "node:fs";
import path from "node:path";

export const SUITES = ["short", "full"] as const;
export type Suite = (typeof SUITES)[number];

/** Unit tests stand beside the code; everything that needs more than one room stands below test/. */
const PLACES = ["src/**/*.test.ts", "test/**/*.test.ts", "scripts/**/*.test.ts", "bench/**/*.test.ts"];
/** Only in the full suite: real processes killed by the hundred, and whatever names itself long. */
const LONG = /^test\/crash\/|\.long\.test\.ts$/;

/** Test files of a suite, sorted. `only`: files or folders to choose from, as given on the command line. */
export function testFiles(root: string, suite: Suite, only: readonly string[]): string[] {
  const chosen = only.map((one) => {
    const full = path.resolve(root, one);
    return statSync(full).isDirectory() ? full + path.sep : full;
  });
  return globSync(PLACES, { cwd: root })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => suite === "full" || !LONG.test(file))
    .map((file) => path.join(root, file))
    .filter((file) => chosen.length === 0 || chosen.some((one) => file === one || file.startsWith(one)))
    .toSorted();
}
