import { createHash } from "node:crypto";
import type { PostureItem, PostureKind } from "../account.ts";
import { booleanOf, type JsonRecord, numberOf, recordOf, textOf, textsOf } from "../json-reading.ts";

/** Enough to tell that something changed, and nothing of what it says: for texts, addresses with keys in them, recipients. */
export const mark = (value: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(value ?? null))
    .digest("hex")
    .slice(0, 16);

/** The named fields as facts; absent ones are null, so that one that appears is a change. */
export function factsOf(entry: JsonRecord, names: readonly string[]): PostureItem["facts"] {
  return Object.fromEntries(
    names.map((name) => {
      const value = entry[name];
      return [name, booleanOf(value) ?? numberOf(value) ?? textOf(value)?.slice(0, 300) ?? null];
    }),
  );
}

/** Where something is sent: the host to read, a mark of the whole, whose path or password may be a secret. */
export function targetFacts(url: unknown): PostureItem["facts"] {
  const text = textOf(url) ?? "";
  return { host: URL.canParse(text) ? new URL(text).host : null, urlMark: mark(text) };
}

/** A setting that is one object: what is a text is marked, not told. */
export function single(kind: PostureKind, path: string, json: unknown): PostureItem {
  const facts = Object.entries(recordOf(json)).map(([name, value]) => [
    name,
    typeof value === "boolean" || typeof value === "number" ? value : textOf(value) && ofText(name, value),
  ]);
  return { kind, id: path.replace(/^\/v3\//, ""), facts: Object.fromEntries(facts) as PostureItem["facts"] };
}
const ofText = (name: string, value: unknown): string | null => (name === "email" ? textOf(value) : mark(value));

/** GET /v3/api_keys/{id} gives the rights, in a list of one or bare. */
export function keyScopes(json: unknown): PostureItem["facts"] {
  const outer = recordOf(json);
  const one = Array.isArray(outer["result"]) ? recordOf(outer["result"][0]) : outer;
  const scopes = textsOf(one["scopes"]).toSorted();
  return { scopes: scopes.length, scopesMark: mark(scopes), maySend: scopes.includes("mail.send") };
}
