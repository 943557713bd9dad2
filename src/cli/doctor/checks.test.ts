import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { DEFAULT_LIMITS, type Settings, loadSettings } from "../../config/index.ts";
import { type SpoolId, newSpoolId, silentLog, systemClock, systemRandom } from "../../kernel/index.ts";
import { Sealer } from "../../spool/index.ts";
import { type Database, connectDatabase } from "../../store/index.ts";
import { checkBodyKey } from "./body-key.ts";
import type { Check } from "./check.ts";
import { apartCheck, checkDatabaseClock } from "./clock.ts";
import { checkDataFolder } from "./data-folder.ts";
import { checkDatabase, unreachable } from "./database.ts";
import { checkPorts } from "./ports.ts";
import { checkQueue, queueChecks } from "./queue.ts";

const folder = mkdtempSync(path.join(tmpdir(), "postern-doctor-"));
let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(async () => {
  await fresh.drop();
  rmSync(folder, { recursive: true, force: true });
});

const named = (checks: readonly Check[], name: string): Check => {
  const found = checks.find((check) => check.name === name);
  assert.ok(found, `no check named ${name}`);
  return found;
};

/** The same database over connections that were made after `setting`. */
async function withSetting(setting: string, work: (database: Database) => Promise<void>): Promise<void> {
  const { database: name } = fresh.target;
  await fresh.database.query(`ALTER DATABASE ${name} SET ${setting}`);
  const database = connectDatabase({ target: fresh.target, clock: systemClock, log: silentLog });
  try {
    await work(database);
  } finally {
    await database.close();
    await fresh.database.query(`ALTER DATABASE ${name} RESET ALL`);
  }
}

describe("the database", () => {
  test("one as Postern makes it is in order", async () => {
    const checks = await checkDatabase(fresh.database, "It");
    assert.deepEqual(
      checks.map((check) => [check.name, check.state]),
      ["database", "fsync", "full_page_writes", "synchronous_commit", "data_checksums", "migrations"].map((name) => [
        name,
        "ok",
      ]),
    );
  });

  test("commits that do not wait for the disk are wrong, and it says what to set", async () => {
    await withSetting("synchronous_commit = off", async (database) => {
      const { state, sentence, next } = named(await checkDatabase(database, "It"), "synchronous_commit");
      assert.equal(state, "wrong");
      assert.match(sentence, /lost when the server dies/);
      assert.match(next!, /synchronous_commit = on/);
    });
  });

  test("one that refuses to write is wrong", async () => {
    await withSetting("default_transaction_read_only = on", async (database) => {
      assert.match(named(await checkDatabase(database, "It"), "database").sentence, /refuses to write/);
    });
  });

  test("migrations: none, some missing, changed, and of a later version", async () => {
    const empty = await freshDatabase({ migrated: false });
    assert.equal(named(await checkDatabase(empty.database, "It"), "migrations").state, "warning");
    await empty.drop();
    const copy = await freshDatabase();
    const look = async () => named(await checkDatabase(copy.database, "It"), "migrations");
    await copy.database.query("DELETE FROM schema_migrations WHERE name LIKE '0004%'");
    assert.match((await look()).sentence, /^Not applied yet: 0004_/);
    await copy.database.query("UPDATE schema_migrations SET sha256 = 'x' WHERE name LIKE '0001%'");
    assert.match((await look()).sentence, /^0001_.* differs from what was applied/);
    await copy.database.query("INSERT INTO schema_migrations (name, sha256) VALUES ('9999_future.sql', 'x')");
    assert.match((await look()).sentence, /^A later version made 9999_future\.sql/);
    await copy.drop();
  });

  test("one that is away says why", async () => {
    const away = connectDatabase({
      target: { connectionString: "postgres://nobody:secret-word@127.0.0.1:9/none" },
      clock: systemClock,
      log: silentLog,
    });
    const [check, ...others] = await checkDatabase(away, "It");
    await away.close();
    assert.equal(check?.state, "wrong");
    assert.match(check.sentence, /ECONNREFUSED/);
    assert.doesNotMatch(JSON.stringify(check), /secret-word/);
    assert.deepEqual(others, []);
    assert.equal(unreachable(new Error("x"), "It").state, "wrong");
  });

  test("its clock is compared with ours", async () => {
    assert.equal((await checkDatabaseClock(fresh.database, systemClock)).state, "ok");
    const behind = { ...systemClock, now: () => systemClock.now() - 60_000 };
    const { state, sentence } = await checkDatabaseClock(fresh.database, behind);
    assert.equal(state, "wrong");
    assert.match(sentence, /(59|1m|60).* behind the database's/);
    assert.deepEqual(
      [0, 1_999, -3_000, 6_000].map((ms) => apartCheck(ms).state),
      ["ok", "ok", "warning", "wrong"],
    );
  });
});

describe("the body key", () => {
  const keyFile = path.join(folder, "body.key");
  const key = Buffer.alloc(32, 5);
  const write = (bytes: Buffer) => {
    writeFileSync(keyFile, bytes.toString("hex"));
    chmodSync(keyFile, 0o600);
  };
  const look = () => checkBodyKey({ file: keyFile }, fresh.database, systemRandom);

  test("missing with nothing stored is fine; it is not made", async () => {
    assert.equal((await look()).state, "ok");
    assert.throws(() => chmodSync(keyFile, 0o600), /ENOENT/);
  });

  test("opens what is stored, or says that it is another key, or that it is lost", async () => {
    const id: SpoolId = newSpoolId(systemClock, systemRandom);
    const { salt, sealed } = new Sealer(key, systemRandom).seal(id, Buffer.from("text"));
    await fresh.database.query("INSERT INTO bodies (spool_id, salt, sealed) VALUES ($1, $2, $3)", [id, salt, sealed]);
    write(key);
    assert.deepEqual((await look()).sentence, "Readable, and opens the message stored last.");
    chmodSync(keyFile, 0o644);
    assert.equal((await look()).state, "warning");
    write(Buffer.alloc(32, 6));
    assert.match((await look()).sentence, /not the key that sealed it/);
    writeFileSync(keyFile, "short");
    assert.equal((await look()).state, "wrong");
    rmSync(keyFile);
    assert.match((await look()).sentence, /is missing, and messages are stored under it/);
    await fresh.database.query("DELETE FROM bodies");
  });
});

describe("the queue", () => {
  const limits = { ...DEFAULT_LIMITS, queueRows: 100 };
  const states = (...given: Parameters<typeof queueChecks>): [string, string][] =>
    queueChecks(...given).map((check) => [check.name, check.state]);

  test("empty, waiting, nearly full, full", () => {
    const queued = (count: number) => [{ state: "queued", count, earliestDueAt: 1_000 }];
    assert.deepEqual(states([], 1, limits, 0), [["queue", "ok"]]);
    assert.deepEqual(states(queued(10), 1, limits, 2_000), [["queue", "ok"]]);
    assert.deepEqual(states(queued(80), 1, limits, 2_000), [["queue", "warning"]]);
    assert.deepEqual(states(queued(100), 1, limits, 2_000), [["queue", "wrong"]]);
  });

  test("late mail with nobody at work says to start Postern", () => {
    const [check] = queueChecks([{ state: "queued", count: 1, earliestDueAt: 0 }], 0, limits, 600_000);
    assert.deepEqual(
      [check?.state, check?.next],
      ["warning", "No Postern runs on this database: start it (npm start, postern serve)."],
    );
  });

  test("held messages wait for somebody", () => {
    assert.deepEqual(states([{ state: "held", count: 2, earliestDueAt: 9 }], 1, limits, 0), [
      ["queue", "ok"],
      ["held", "warning"],
    ]);
  });

  test("is read from the database", async () => {
    assert.deepEqual(await checkQueue(fresh.database, limits, 0), [
      { name: "queue", state: "ok", sentence: "Nothing waits.", next: null },
    ]);
  });
});

describe("folder and ports", () => {
  const lab = (environment: Record<string, string>): Settings =>
    loadSettings({ environment, cwd: folder, random: systemRandom });

  test("a folder in order, and one whose disk is too small for its limit", async () => {
    const settings = lab({});
    const checks = await checkDataFolder(settings);
    assert.deepEqual(
      checks.map((check) => check.state),
      ["ok", "ok", "ok"],
    );
    const greedy = { ...settings, limits: { ...settings.limits, diskFreeBytes: 2 ** 60 } };
    const disk = named(await checkDataFolder(greedy), "disk");
    assert.equal(disk.state, "wrong");
    assert.match(disk.next!, /limits\.diskFreeBytes/);
  });

  test("a port that another program has is wrong and its greeting is shown; a Postern's is fine", async () => {
    for (const [banner, state] of [
      ["220 other ESMTP Sendmail", "wrong"],
      ["220 postern.lab.test ESMTP", "ok"],
    ] as const) {
      const server = createServer((socket) => socket.on("error", () => {}).end(`${banner}\r\n`));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const check = named(
        await checkPorts(
          lab({ POSTERN_SMTP_PORT: String(port), POSTERN_HTTP_PORT: "0", POSTERN_LAB_PORTS: "0,0" }),
          systemClock,
        ),
        "port smtp",
      );
      server.close();
      assert.equal(check.state, state, check.sentence);
      if (state === "wrong") {
        assert.match(check.sentence, /Sendmail/);
        assert.match(check.next!, /POSTERN_SMTP_PORT/);
      }
    }
  });
});
