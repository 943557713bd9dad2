import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { Problem } from "../../kernel/index.ts";
import type { DeliveryEvent } from "../../mail/index.ts";
import { jsonText } from "../json.ts";
import { type World, print } from "../world.ts";

/** A file of recorded requests may be long; none is read beyond this. */
const FILE_OCTETS = 64 * 1024 * 1024;

/** One line of what `inspect` prints. @param status null: the input itself could not be read. */
export type Inspected = { file: string; status: number | string | null; events: DeliveryEvent[]; reason: string };

export function printInspected({ out }: World, line: Inspected): void {
  // What, who, when come first, for those who read it themselves.
  const events = line.events.map(({ type, recipient, at, ...more }) => ({ type, recipient, at, ...more }));
  print(out, jsonText({ ...line, events }, 0));
}

/** @param file as it was named; `-` is standard input. @throws Problem `input-unusable` */
export async function readInput(file: string, { cwd, input }: World): Promise<Buffer> {
  try {
    if (file === "-") return (await buffer(input)).subarray(0, FILE_OCTETS);
    const whole = path.resolve(cwd, file);
    const { size } = statSync(whole);
    if (size > FILE_OCTETS)
      throw new Problem("input-unusable", `The file ${file} is larger than ${FILE_OCTETS} octets.`);
    return readFileSync(whole);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "it does not exist" : code === "EISDIR" ? "it is a folder" : String(code);
    throw new Problem("input-unusable", `The file ${file} cannot be read: ${why}.`);
  }
}
