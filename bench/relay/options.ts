import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { Generator } from "./load-process.ts";

/** A mistake on the command line, in a sentence. */
export class UsageMistake extends Error {}

export const FAMILIES = ["postern", "postfix", "haraka"] as const;
export type Family = (typeof FAMILIES)[number];

export type RelayOptions = {
  json: boolean;
  messages: number;
  sessions: number;
  octets: number;
  runs: number;
  families: Family[];
  generator: Generator;
  harakaHome: string | null;
  /** Where the queues lie for the time of the bench; null: the first temporary folder that is on a disk. */
  folder: string | null;
  atMostMinutes: number;
};

/** Reads words by `shape`. @throws UsageMistake */
export function read<Shape extends ParseArgsOptionsConfig>(words: readonly string[], shape: Shape) {
  try {
    return parseArgs({ args: [...words], options: shape, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageMistake((error as Error).message);
  }
}

/** @throws UsageMistake */
export function whole(name: string, text: string | undefined, otherwise: number, least = 1): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new UsageMistake(`--${name} must be a whole number of at least ${least}; it says ${text}.`);
}

const SHAPE = {
  json: { type: "boolean", default: false },
  messages: { type: "string" },
  sessions: { type: "string" },
  size: { type: "string" },
  runs: { type: "string" },
  systems: { type: "string" },
  load: { type: "string" },
  haraka: { type: "string" },
  folder: { type: "string" },
  "at-most": { type: "string" },
} as const;

/** @throws UsageMistake */
export function relayOptions(words: readonly string[], environment: NodeJS.ProcessEnv): RelayOptions {
  const given = read(words, SHAPE);
  const families = (given.systems?.split(",") ?? [...FAMILIES]).map((name) => {
    const family = FAMILIES.find((one) => one === name.trim());
    if (!family) throw new UsageMistake(`--systems knows ${FAMILIES.join(", ")}; it says ${name}.`);
    return family;
  });
  if (given.load !== undefined && given.load !== "own" && given.load !== "smtp-source")
    throw new UsageMistake(`--load must be own or smtp-source; it says ${given.load}.`);
  return {
    json: given.json ?? false,
    messages: whole("messages", given.messages, 20_000, 100),
    sessions: whole("sessions", given.sessions, 50),
    octets: whole("size", given.size, 5_120, 4),
    runs: whole("runs", given.runs, 3),
    families: [...new Set(families)],
    generator: given.load ?? "own",
    harakaHome: given.haraka ?? environment["HARAKA_HOME"] ?? null,
    folder: given.folder ?? null,
    atMostMinutes: whole("at-most", given["at-most"], 45),
  };
}
