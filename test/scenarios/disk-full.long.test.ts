import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { check } from "../crash/checker.ts";
import { eventually } from "../support/eventually.ts";
import { drained, onSmallDisk, onceMore, say, send, skip, submit } from "./disk-full.ts";

test(
  "the disk fills to the last byte under load, and whatever is freed is eaten: no 250 that is not kept",
  { skip },
  (t) =>
    onSmallDisk(0, async ({ disk, sink, node, database, startLoad }) => {
      const running = startLoad();
      await eventually(() => running.accepted() >= 300);
      disk.fillAndKeepFull();
      await eventually(() => disk.freeBytes() === 0 && running.refused() >= 20);
      assert.equal((await send(node)).status, 503);
      const result = await onceMore(running, disk);
      await drained(database);
      say(t, result);
      const verdict = await check(database, result.accepted, await sink.report());
      assert.deepEqual([verdict.lost, verdict.unexplained], [[], []]);
      assert.ok(verdict.duplicates <= result.accepted.length / 1000, `${verdict.duplicates} duplicates`);
    }),
);

test(
  "the ballast is given up on a full disk: what was accepted goes out although nothing is taken any more",
  { skip },
  () =>
    onSmallDisk(200, async ({ disk, sink, node, database }) => {
      const ballast = path.join(disk.folder, "ballast");
      await eventually(() => existsSync(ballast));
      await sink.mode("slow"); // two seconds a message
      const { accepted } = await submit(node, 150);
      disk.fillTo(0);
      await eventually(() => !existsSync(ballast));
      await eventually(async () => (await send(node)).status === 503);
      await sink.mode("normal");
      await drained(database);
      assert.equal((await send(node)).status, 503);
      const verdict = await check(database, accepted, await sink.report());
      assert.deepEqual([verdict.lost, verdict.duplicates], [[], 0]);
      await disk.empty();
      await eventually(async () => (await send(node)).status === 202);
      await eventually(() => existsSync(ballast));
    }),
);
