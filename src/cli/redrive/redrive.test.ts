import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { systemClock } from "../../kernel/index.ts";
import { TestRows } from "../../respond/rows-for-tests.ts";

let fresh: FreshDatabase;
let line: CommandLine;
before(async () => {
  fresh = await freshDatabase();
  line = commandLine({ POSTERN_DATABASE_URL: fresh.url });
  mkdirSync(path.join(line.folder, "data"));
  writeFileSync(path.join(line.folder, "data", "body.key"), "07".repeat(32), { mode: 0o600 });
  const rows = new TestRows(fresh.database);
  const at = systemClock.now() - 60_000;
  for (const messageClass of [0, 2, 2]) await rows.handOff({ at, class: messageClass });
  await rows.handOff({ at: at - 3_600_000, class: 2 });
  await rows.handOff({ at, class: 2, provider: "lantern" });
});
after(async () => {
  line.close();
  await fresh.drop();
});

const START = ["redrive", "start", "--provider", "harbour", "--reason", "their word \u202e"];
const orders = () => fresh.database.query<{ operator: string }>("SELECT operator FROM redrive_orders");

test("start tells first what it would be about, and does nothing with --dry-run", async () => {
  assert.match((await line.run(["redrive", "list"])).out, /^No mail was ever in doubt\./);
  const { code, out } = await line.run([...START, "--since", "5m", "--dry-run"]);
  assert.equal(code, 0);
  assert.match(out, /^C0 +1 +the application is asked for new ones$/m);
  assert.match(out, /^C2 +2 +sent once more$/m);
  assert.match(out, /Nothing was done/);
  assert.equal((await orders()).length, 0);
});

test("start gives an order that list and show tell of", async () => {
  const { code, out, err } = await line.run([...START, "--since", "2h", "--operator", "ada"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^C2 +3 /m);
  assert.match(out, /Order 1 is given/);
  assert.equal((await orders())[0]!.operator, "ada");
  const list = await line.run(["redrive", "list"], { columns: 160 });
  assert.match(list.out, /1 +harbour +all .*ada: their word/);
  const show = await line.run(["redrive", "show", "1"]);
  assert.match(show.out, /by ada: their word/);
  assert.doesNotMatch(show.out + list.out, /\u202e/);
  assert.match((await line.run(["redrive", "paces"])).out, /Nobody stands in/);
});

test("what cannot be meant is refused with what to do", async () => {
  for (const [words, what] of [
    [[...START, "--since", "yesterday"], /--since must be/],
    [[...START, "--since", "2030-01-01T00:00:00Z"], /--since must be/],
    [["redrive", "start", "--provider", "nobody", "--since", "1h", "--reason", "x"], /no provider named nobody/],
    [[...START, "--since", "1h", "--stream", "acme"], /tenant\/stream/],
    [["redrive", "show", "99"], /postern redrive list/],
  ] as const) {
    const { code, err } = await line.run(words);
    assert.notEqual(code, 0);
    assert.match(err, what);
  }
});
