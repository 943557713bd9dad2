import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

/** Words nobody else has, put where secrets would be, and looked for everywhere afterwards. */
export type Planted<Name extends string> = Readonly<Record<Name, string>>;

/** How each of them begins, so that a place without it is passed over at once. */
const MARK = "planted";

export function plant<const Name extends string>(names: readonly Name[]): Planted<Name> {
  return Object.fromEntries(
    names.map((name) => [name, `${MARK}${name.toLowerCase()}${randomBytes(8).toString("hex")}`]),
  ) as Planted<Name>;
}

/** A place that was searched: its name for the report, its text. */
export type Place = { name: string; text: string };
export type Find = { token: string; how: string; where: string };

/** Every planted word in any writing in which it could stand there. */
export function findPlanted(planted: Planted<string>, places: readonly Place[]): Find[] {
  const writings = Object.entries(planted).flatMap(([name, word]) =>
    writingsOf(word).map((one) => ({ token: name, ...one })),
  );
  const marks = writingsOf(MARK);
  return places.flatMap((place) => {
    if (!marks.some(({ text, exact }) => (exact ? place.text : place.text.toLowerCase()).includes(text))) return [];
    const small = place.text.toLowerCase();
    return writings.flatMap(({ token, how, text, exact }) =>
      (exact ? place.text : small).includes(text) ? [{ token, how, where: place.name }] : [],
    );
  });
}

function writingsOf(word: string): { how: string; text: string; exact: boolean }[] {
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from("x".repeat(shift) + word, "latin1").toString("base64");
    // The first and last characters depend on what stands beside the word.
    return { how: "base64", text: encoded.slice(shift === 0 ? 0 : 4, -4), exact: true };
  });
  return [
    { how: "plain", text: word.toLowerCase(), exact: false },
    { how: "hex", text: Buffer.from(word, "latin1").toString("hex"), exact: false },
    ...base64,
  ];
}

/** Every file below a folder, as octets. Files that go while we look are passed over. */
export function filesBelow(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const file = path.join(entry.parentPath, entry.name);
    try {
      return [{ name: file, text: readFileSync(file, "latin1") }];
    } catch {
      return [];
    }
  });
}

/** Words and environment of every process of this machine that we may read. */
export function processesSeen(): Place[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return [{ name: `process ${pid}`, text: readFileSync(`/proc/${pid}/cmdline`, "latin1") }];
    } catch {
      return [];
    }
  });
}
