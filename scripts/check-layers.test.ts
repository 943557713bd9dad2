import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { checkLayers, importsOf } from "./check-layers.ts";
import { ROOT } from "./findings.ts";
import { ROOMS } from "./layers.ts";

const findings = (name: string, text: string) => checkLayers([{ name, text }]);

test("an import the table allows is no finding", () => {
  assert.deepEqual(findings("src/spool/spool.ts", 'import { Batcher } from "../kernel/index.ts";'), []);
  assert.deepEqual(findings("src/spool/spool.ts", 'import { acts } from "./acts.ts";\nimport pg from "pg";'), []);
});

test("a planted import against the table is found, with its place, its rule and the way out", () => {
  assert.deepEqual(findings("src/route/route.ts", '// pure\nimport {\n  Spool,\n} from "../spool/index.ts";'), [
    "src/route/route.ts:4 imports spool, but route may import kernel and mail only. " +
      "Hand it in as a parameter, or move what both need to a room above.",
  ]);
});

test("a room is entered by its index.ts", () => {
  assert.deepEqual(findings("src/handoff/desk.ts", 'import { lease } from "../spool/lease.ts";'), [
    "src/handoff/desk.ts:1 enters the room spool by a side door, src/spool/lease.ts. " +
      "Import src/spool/index.ts, and export there what others need.",
  ]);
});

test("tests and measurements may look inside", () => {
  for (const [name, from] of [
    ["src/handoff/desk.test.ts", "../spool/lease.ts"],
    ["src/handoff/desk-for-tests.ts", "../spool/lease.ts"],
    ["test/crash/kill.test.ts", "../../src/spool/lease.ts"],
    ["bench/main.ts", "../src/spool/lease.ts"],
  ] as const)
    assert.deepEqual(findings(name, `import { lease } from "${from}";`), [], name);
});

test("re-exports, side effects, dynamic imports and types count as imports", () => {
  for (const text of [
    'export * from "../handoff/index.ts";',
    'import "../handoff/index.ts";',
    'const later = await import("../handoff/index.ts");',
    'type Desk = import("../handoff/index.ts").Desk;',
    'import type { Desk } from "../handoff/index.ts";',
  ])
    assert.match(findings("src/spool/spool.ts", text).join(), /imports handoff, but spool may import/, text);
});

test("an import in a comment is none, one after a comment is", () => {
  assert.deepEqual(
    findings("src/mail/a.ts", '// import x from "../spool/index.ts"\n/* import "../spool/index.ts" */'),
    [],
  );
  assert.equal(findings("src/mail/a.ts", 'const url = "http://x"; // y\nimport "../spool/index.ts";').length, 1);
  assert.equal(importsOf({ name: "a.ts", text: 'const r = /"/; import("./b.ts");' }).length, 1);
});

test("shapes of config are known to providers, its values are not", () => {
  assert.deepEqual(findings("src/providers/smtp/smtp.ts", 'import type { Limits } from "../../config/index.ts";'), []);
  assert.match(
    findings("src/providers/smtp/smtp.ts", 'import { DEFAULTS } from "../../config/index.ts";').join(),
    /may know the shapes only/,
  );
});

test("a pure room touches neither files nor the database", () => {
  for (const from of ["node:fs", "node:fs/promises", "node:net", "pg"])
    assert.match(findings("src/route/route.ts", `import x from "${from}";`).join(), /route is pure/, from);
  assert.deepEqual(findings("src/route/route.ts", 'import { createHash } from "node:crypto";'), []);
});

test("the program needs no tests and tools, a test may", () => {
  const text = 'import { freshDatabase } from "../../test/support/postgres.ts";';
  assert.match(findings("src/spool/spool.ts", text).join(), /its own tests and tools/);
  assert.deepEqual(findings("src/spool/spool.test.ts", text), []);
});

test("a room the table does not know is a finding", () => {
  assert.match(findings("src/attic/a.ts", 'import "../kernel/index.ts";').join(), /the room attic, which the table/);
});

test("the table itself goes one way: no room can reach itself", () => {
  const reaches = (from: string, seen: Set<string>): Set<string> => {
    const rule = ROOMS[from]!;
    for (const next of [...rule.may, ...(rule.mayKnow ?? [])]) {
      if (seen.has(next)) continue;
      seen.add(next);
      reaches(next, seen);
    }
    return seen;
  };
  for (const room of Object.keys(ROOMS)) assert.ok(!reaches(room, new Set()).has(room), room);
});

test("ARCHITECTURE.md shows the table as it is", () => {
  const page = readFileSync(path.join(ROOT, "ARCHITECTURE.md"), "utf8");
  const section = page.slice(page.indexOf("## Who may import whom"));
  const shown = new Map(
    [...section.matchAll(/^\| ([a-z, .()]+) \| ([^|;]+)(?:;[^|]*)? \|$/gm)].flatMap(([, names, may]) =>
      names!
        .replace(" (to come)", "")
        .split(", ")
        .map((name) => [name, may!.trim()] as const),
    ),
  );
  for (const [room, { may }] of Object.entries(ROOMS)) {
    const expected = { nothing: [], "everything above": may }[shown.get(room)!] ?? shown.get(room)?.split(", ");
    assert.deepEqual(expected?.toSorted(), may.toSorted(), room);
  }
});
