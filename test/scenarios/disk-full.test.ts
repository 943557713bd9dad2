import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "../crash/checker.ts";
import { eventually } from "../support/eventually.ts";
import { MIB, drained, greeting, onSmallDisk, onceMore, say, send, skip, submit } from "./disk-full.ts";

test("the disk runs low: both doors say so, delivery goes on, and intake opens by itself", { skip }, () =>
  onSmallDisk(0, async ({ disk, sink, node, database }) => {
    await sink.mode("deferring");
    const before = await submit(node, 2, 1); // so few that no breaker opens
    disk.fillTo(100 * MIB);

    const refusal = await eventually(
      async () => (await greeting(node)).find((line) => line.startsWith("452 4.3.1")) ?? null,
    );
    assert.match(refusal, /Disk space runs short/);
    const byHttp = await send(node);
    assert.equal(byHttp.status, 503);
    assert.equal(byHttp.headers.get("retry-after"), "30");
    assert.equal(((await byHttp.json()) as { code: string }).code, "disk-low");
    assert.equal((await fetch(`http://127.0.0.1:${node.http}/readyz`)).status, 503);

    await sink.mode("normal");
    await database.query("UPDATE queue SET due_at = now()");
    await drained(database);
    assert.ok(disk.freeBytes() < 128 * MIB, "delivered while the disk was low");

    await disk.empty();
    await eventually(async () => (await send(node)).status === 202);
    await drained(database);
    const verdict = await check(database, before.accepted, await sink.report());
    assert.deepEqual([verdict.lost, verdict.duplicates], [[], 0]);
  }),
);

test(
  "the database cannot write its log, panics and cannot start again: refusals at once, and all by itself back",
  { skip },
  (t) =>
    onSmallDisk(0, async ({ disk, sink, node, database, startLoad }) => {
      const running = startLoad();
      await eventually(() => running.accepted() >= 300);
      disk.fillAndKeepFull();
      await eventually(() => disk.freeBytes() === 0);
      // Each switch needs a new segment of the write-ahead log; the first that cannot be had is a PANIC.
      await eventually(async () => {
        const panicked = database.query("SELECT pg_switch_wal(), pg_current_xact_id()").then(
          () => false,
          (error: Error) => /database-unavailable/.test(error.message),
        );
        return panicked;
      });
      await eventually(() => node.log().filter((line) => line.includes("database.died")).length >= 3, 30_000);
      const [died] = node.log().filter((line) => line.includes("database.died"));
      assert.match(died!, /"diskFreeBytes":0/);
      const askedAt = performance.now();
      assert.equal((await send(node)).status, 503);
      t.diagnostic(`refused by HTTP in ${Math.round(performance.now() - askedAt)} ms while the database is down`);

      const result = await onceMore(running, disk);
      await drained(database);
      say(t, result);
      const verdict = await check(database, result.accepted, await sink.report());
      assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
      assert.ok(verdict.duplicates <= result.accepted.length / 1000, `${verdict.duplicates} duplicates`);
    }),
);
