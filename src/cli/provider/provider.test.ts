import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { type CommandLine, commandLine } from "../../../test/support/command-line.ts";
import { fakeProvider } from "../../../test/support/mail-path.ts";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { type Standing, healthy } from "../../judge/index.ts";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { LeafMaker } from "../../ledger/index.ts";
import { silentMetrics } from "../../metrics/index.ts";
import { Respond } from "../../respond/index.ts";
import { StandingBoard, saveStanding } from "../../standing/index.ts";

let fresh: FreshDatabase;
let line: CommandLine;
let respond: Respond;
const NAMES = ["harbour", "lantern"];

before(async () => {
  fresh = await freshDatabase();
  line = commandLine({ POSTERN_DATABASE_URL: fresh.url });
  mkdirSync(path.join(line.folder, "data"));
  writeFileSync(path.join(line.folder, "data", "body.key"), "07".repeat(32), { mode: 0o600 });
  const { database } = fresh;
  const quarantined: Standing = { ...healthy(systemClock.now() - 60_000, 600_000), state: "QUARANTINED" };
  const change = { provider: "lantern", scope: "", from: "HEALTHY", standing: quarantined } as const;
  await saveStanding(database, change, systemClock.now(), 0);
  respond = new Respond({
    database,
    board: new StandingBoard({ database, watch: { add: () => {} } }),
    providers: new Map(NAMES.map((name) => [name, fakeProvider(name)])),
    leaves: new LeafMaker(Buffer.alloc(32, 1)),
    attemptIdOf: () => "",
    hasReceivers: false,
    logSink: () => Promise.resolve(),
    ports: () => ({}),
    clock: systemClock,
    log: silentLog,
    metrics: silentMetrics,
  });
  respond.start();
});
after(async () => {
  await respond.stop();
  line.close();
  await fresh.drop();
});

const BY_ADA = ["--operator", "ada", "--reason", "maintenance \u202e"];

test("list shows every provider of the configuration, judged or not", async () => {
  const { code, out } = await line.run(["provider", "list"], { columns: 120 });
  assert.equal(code, 0);
  assert.match(out, /^harbour +HEALTHY +Nothing was ever found against it\.$/m);
  assert.match(out, /^lantern +QUARANTINED +\S/m);
});

test("a pin is taken by the node that leads, shown with who ordered it and why, and ended by another order", async () => {
  const pinned = await line.run(["provider", "pin", "harbour", ...BY_ADA]);
  assert.deepEqual([pinned.code, pinned.err], [0, ""]);
  assert.match(pinned.out, /^harbour is out of use/);
  const shown = await line.run(["provider", "show", "harbour"]);
  assert.match(shown.out, /^harbour {2}PINNED_OFF {2}for .*since \d{4}/);
  assert.match(shown.out, /ada took it out of use: maintenance/);
  assert.doesNotMatch(shown.out, /\u202e/);
  const again = await line.run(["provider", "pin", "harbour", ...BY_ADA]);
  assert.equal(again.code, 1);
  assert.match(again.out, /this changes nothing/);
  assert.match((await line.run(["provider", "unpin", "harbour", ...BY_ADA])).out, /growing share/);
  const { standings, changes } = JSON.parse((await line.run(["provider", "show", "harbour", "--json"])).out) as {
    standings: { standing: { state: string } }[];
    changes: { to: string }[];
  };
  assert.equal(standings[0]!.standing.state, "PROBING");
  assert.deepEqual(
    changes.map(({ to }) => to),
    ["PROBING", "PINNED_OFF"],
  );
});

test("a quarantine is left by two people with new keys, and not by one of them twice", async () => {
  const release = (operator: string) =>
    line.run([
      ..."provider release lantern --reason".split(" "),
      "new keys",
      "--operator",
      operator,
      "--keys-rotated",
      new Date(systemClock.now() - 1_000).toISOString(),
    ]);
  for (const name of ["ada", "Ada"]) assert.match((await release(name)).out, /once a second person/);
  assert.match((await line.run(["provider", "show", "lantern"])).out, /it waits for a second person/);
  const second = await release("bob");
  assert.match(second.out, /^lantern is released/);
  assert.match((await line.run(["provider", "list"])).out, /lantern +DOWN/);
  const leaves = await fresh.database.query<{ leaf: string }>(
    `SELECT convert_from(leaf, 'UTF8') AS leaf FROM ledger_leaves WHERE convert_from(leaf, 'UTF8') LIKE '%release-quarantine%' AND convert_from(leaf, 'UTF8') LIKE '%standing-order%'`,
  );
  assert.deepEqual(leaves.map(({ leaf }) => (JSON.parse(leaf) as { operator: string }).operator).toSorted(), [
    "Ada",
    "ada",
    "bob",
  ]);
});

test("what is missing or unknown is said", async () => {
  assert.match((await line.run(["provider", "pin", "nobody", ...BY_ADA])).err, /^provider-unknown\n/);
  assert.equal((await line.run(["provider", "pin", "harbour", "--operator", "ada"])).code, 2);
  assert.equal((await line.run(["provider", "pin", "harbour", "--operator", " ", "--reason", "x"])).code, 2);
  assert.equal((await line.run(["provider", "release", "lantern", ...BY_ADA, "--keys-rotated", "yesterday"])).code, 2);
});
