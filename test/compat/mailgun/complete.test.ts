import assert from "node:assert/strict";
import { test } from "node:test";
import Mailgun from "mailgun.js";
import { mailgunCalls } from "../mailgun.ts";
import type { CompatWorld } from "../world.ts";

/** What its classes have for themselves: nobody else calls it, and nothing of it goes over the wire. */
const INTERNAL =
  /^(?:_|parse|prepare|convert|handle|is[A-Z]|validateQuery|checkAnd|requestList|updateUrl|getModel$|createWhiteList$|createUnsubscribe$)/;
const NO_PARTS = new Set(["request", "logger", "models", "attachmentsHandler", "allowedKeysAF"]);

test("every method of Mailgun's client is tried", () => {
  const client = new Mailgun(FormData).client({ username: "api", key: "key" });
  const methods = Object.entries(client).flatMap(([name, part]) => methodsOf(name, part));
  const { calls } = mailgunCalls({ url: "http://127.0.0.1" } as CompatWorld);
  const tried = new Set(calls.map(({ name }) => name.replace(/\(".*"\)$/, "")));
  assert.ok(methods.length > 150);
  assert.deepEqual([...tried].toSorted(), [...new Set(methods)].toSorted());
});

function methodsOf(path: string, part: unknown): string[] {
  const name = path.split(".").at(-1)!;
  if (typeof part !== "object" || part === null || NO_PARTS.has(name)) return [];
  const found: string[] = [];
  for (
    let at = Object.getPrototypeOf(part) as object;
    at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  )
    for (const member of Object.getOwnPropertyNames(at))
      if (member !== "constructor" && !INTERNAL.test(member)) found.push(`${path}.${member}`);
  return [...found, ...Object.entries(part).flatMap(([member, value]) => methodsOf(`${path}.${member}`, value))];
}
