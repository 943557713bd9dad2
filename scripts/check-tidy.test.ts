import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTidy, codesIn } from "./check-tidy.ts";

const file = (name: string, text: string) => ({ name, text });
const check = (parts: Partial<Parameters<typeof checkTidy>[0]>) =>
  checkTidy({ code: [], migrations: [], texts: [], failures: "", data: "", ...parts });

test("codes are found where Problems, refusals and code members are made, not in comments or system codes", () => {
  const text = `
    throw new Problem(
      "data-folder-held", "x");
    return refusal("queue-full", "452 4.3.1", 503, "x");
    type F = { code: "header-too-long" | "header-repeated" };
    // refusal("in-a-comment")
    const away = { code: "ECONNRESET" };`;
  assert.deepEqual(
    codesIn(file("src/a.ts", text)).map((one) => one.code),
    ["data-folder-held", "queue-full", "header-too-long", "header-repeated"],
  );
});

test("a code without a row, and a row without a code, are findings", () => {
  const code = [file("src/a.ts", 'throw new Problem("disk-low", "x");')];
  assert.deepEqual(check({ code, failures: "| `disk-low` | accept | … |" }), []);
  assert.match(check({ code }).join(), /src\/a.ts:1 has the code disk-low, which docs\/failures.md does not list/);
  assert.match(check({ failures: "| `disk-low` | accept | … |" }).join(), /lists disk-low, which no file of src/);
});

test("a table without a row, and a row without a table, are findings", () => {
  const migrations = [file("migrations/0001_a.sql", "CREATE TABLE IF NOT EXISTS messages (n int);")];
  assert.deepEqual(check({ migrations, data: "| `messages` | spool |" }), []);
  assert.match(check({ migrations }).join(), /The table messages has no row/);
  assert.match(check({ data: "| `messages` | spool |" }).join(), /lists the table messages, which no migration makes/);
});

test("long files, undone work and lone tests are findings", () => {
  assert.deepEqual(check({ code: [file("src/a.ts", "\n".repeat(400))] }), []);
  assert.match(check({ code: [file("src/a.ts", "\n".repeat(401))] }).join(), /has 401 lines/);
  assert.match(
    check({ code: [file("src/a.ts", `\n// TO${"DO"}: later`)] }).join(),
    /src\/a.ts:2 leaves something undone/,
  );
  assert.match(check({ code: [file("src/a.test.ts", `test.on${"ly"}("x", () => {});`)] }).join(), /runs one test only/);
});

test("time, chance and environment are read in their one place only", () => {
  const read = (name: string, text: string) => check({ code: [file(name, text)] }).length;
  assert.equal(read("src/spool/a.ts", "const now = Date.now();"), 1);
  assert.equal(read("src/spool/a.ts", "setTimeout(f, 1);"), 1);
  assert.equal(read("src/spool/a.ts", "socket.setTimeout(1); // Date.now()"), 0);
  assert.equal(read("src/spool/a.ts", "const x = Math.random();"), 1);
  assert.equal(read("src/spool/a.ts", 'process.env["X"];'), 1);
  assert.equal(read("src/kernel/clock.ts", "Date.now(); setTimeout(f, 1); performance.now();"), 0);
  assert.equal(read("src/config/load.ts", "process.env;"), 0);
  assert.equal(read("src/spool/a.test.ts", "Date.now();"), 0);
});

test("a path of one machine is a finding, a path of every machine is none", () => {
  const paths = (text: string) => check({ texts: [file("README.md", text)] }).length;
  assert.equal(paths(`see /${"home"}/alice/postern`), 1);
  assert.equal(paths("see /var/lib/postern, ./data, https://example.com/home/alice and $HOME/x"), 0);
});
