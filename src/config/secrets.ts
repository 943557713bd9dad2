import { readFileSync } from "node:fs";
import path from "node:path";
import { Secret } from "../kernel/index.ts";
import { field } from "./values.ts";

/**
 * A secret stands in the file only by reference: `env:NAME` or `file:PATH` (relative to the configuration file).
 * So the file can be shown, kept in version control and sent to a colleague.
 */
export type SecretSource = { environment: Readonly<Record<string, string | undefined>>; folder: string };

type Found = { value: string } | { sentence: string };

export const secret = (source: SecretSource) =>
  field((input) => {
    const found = findSecret(source, input);
    return "value" in found ? { value: new Secret(found.value) } : found;
  });

export function findSecret(source: SecretSource, input: unknown): Found {
  const match = typeof input === "string" ? /^(env|file):(.+)$/.exec(input) : null;
  // The literal is never quoted back: the sentence ends up in logs and tickets.
  if (!match)
    return { sentence: "must not hold a secret itself: write env:NAME or file:PATH and keep the secret there." };
  return match[1] === "env" ? fromEnvironment(source, match[2]!) : fromFile(source, match[2]!);
}

function fromEnvironment(source: SecretSource, variable: string): Found {
  const value = source.environment[variable];
  if (value === undefined) return { sentence: `names the environment variable ${variable}, which is not set.` };
  if (value === "") return { sentence: `names the environment variable ${variable}, which is empty.` };
  return { value };
}

function fromFile(source: SecretSource, given: string): Found {
  const file = path.resolve(source.folder, given);
  let value: string;
  try {
    value = readFileSync(file, "utf8").replace(/\r?\n$/, ""); // the line end that every editor adds
  } catch (error) {
    return { sentence: `names the file ${file}, which ${whyUnreadable(error)}.` };
  }
  return value === "" ? { sentence: `names the file ${file}, which is empty.` } : { value };
}

export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES" || code === "EPERM") return "this user may not read";
  if (code === "EISDIR") return "is a folder";
  return `cannot be read (${code ?? "unknown error"})`;
}
