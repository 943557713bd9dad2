import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { EVENT_KINDS } from "./event-kinds.ts";

test("docs/webhooks.md tells every event in the same words", () => {
  const page = readFileSync(path.join(import.meta.dirname, "../../docs/webhooks.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(message\.[a-z-]+)` +\| (.*?) +\|/gm)].map(([, name, text]) => [name, text]);
  assert.deepEqual(rows, Object.entries(EVENT_KINDS));
});
