import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, describe, test } from "node:test";
import { type ClientResults, shareThatWorks } from "./call.ts";
import { tryAll } from "./clients.ts";
import { withTable } from "./table.ts";

/** Promised: of each client's message, template and suppression calls. */
const SHARE_THAT_WORKS = 0.95;
const DOCUMENT = path.join(import.meta.dirname, "../../docs/compatibility.md");

describe("the vendors' own clients, unmodified", () => {
  let all: ClientResults[];
  before(async () => {
    all = await tryAll();
  });

  test("no call of theirs fails without being refused by name", () => {
    const failures = all.flatMap(({ client, results }) =>
      results.filter(({ kind }) => kind === "fails").map(({ name, note }) => `${client} ${name}: ${note}`),
    );
    assert.deepEqual(failures, []);
  });

  test("nearly all that sends mail, keeps templates or suppresses addresses works", () => {
    for (const one of all) {
      const { works, counted } = shareThatWorks(one);
      assert.ok(works >= counted * SHARE_THAT_WORKS, `${one.client}: ${works} of ${counted}`);
    }
  });

  test("docs/compatibility.md tells just what this run found", () => {
    const text = readFileSync(DOCUMENT, "utf8");
    assert.ok(withTable(text, all) === text, "out of date: run node scripts/compatibility.ts --write");
  });
});
