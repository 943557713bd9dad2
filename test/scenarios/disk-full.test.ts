import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { type Database, connectDatabase, embeddedTarget } from "../../src/store/index.ts";
import { check } from "../crash/checker.ts";
import { type LoadResult, load } from "../crash/load.ts";
import { type Node, type Sink, configuration, newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";
import { type SmallDisk, noSmallDisk, smallDisk } from "../support/small-disk.ts";

/**
 * S31: Postern and the database it brings along on a disk that runs full. What is not covered here (a disk that lies
 * about fsync, a power cut) and why: README.md beside this file.
 */
const MIB = 1024 * 1024;
const DISK_BYTES = 900 * MIB;
const KEY = "key_0123456789abcdef";

const skip = noSmallDisk();

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

type Scene = { disk: SmallDisk; sink: Sink; node: Node; database: Database; startLoad(): Running };

async function onSmallDisk(ballastMib: number, scene: (parts: Scene) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-disk-"));
  chmodSync(folder, 0o755); // the database runs as a user that must get in
  const data = path.join(folder, "data");
  const disk = smallDisk(data, DISK_BYTES);
  const rig = newRig({ RIG_API_KEY: KEY, VICTIM_LOG: "1" });
  try {
    const sink = await rig.sink();
    const limits = `limits: { diskFreeBytes: 128MiB, ballastBytes: ${ballastMib}MiB }`;
    const text = configuration([sink, sink], { database: false, data, apiKey: true, more: limits });
    const node = await rig.start(rig.configure(text));
    const target = await eventually(() => embeddedTarget(data));
    const database = connectDatabase({ target, clock: systemClock, log: silentLog });
    let running: Running | null = null;
    const startLoad = () => (running = loadOn(node));
    try {
      await scene({ disk, sink, node, database, startLoad });
    } catch (error) {
      throw new Error(`The log said last:\n${node.log().slice(-20).join("\n")}`, { cause: error });
    } finally {
      await (running as Running | null)?.end();
      await database.close();
    }
  } finally {
    await disk.empty(); // a server that cannot write cannot stop either
    await rig.end();
    await disk.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Running = { accepted(): number; refused(): number; end(): Promise<LoadResult> };

function loadOn(node: Node): Running {
  let stopped = false;
  let accepted = 0;
  let refused = 0;
  const loading = load({
    port: node.smtp,
    sessions: 10,
    stopped: () => stopped,
    patient: true,
    onAccepted: () => (accepted += 1),
    onRefused: () => (refused += 1),
  });
  return {
    accepted: () => accepted,
    refused: () => refused,
    end() {
      stopped = true;
      return loading;
    },
  };
}

/** Gives the space back, and sees that the same senders are heard again without anybody doing anything. */
async function onceMore(running: Running, disk: SmallDisk): Promise<LoadResult> {
  const before = running.accepted();
  await disk.empty();
  await eventually(() => running.accepted() >= before + 100, 30_000);
  return running.end();
}

function say(t: TestContext, { accepted, refused, unanswered, slowestRefusalMs }: LoadResult): void {
  t.diagnostic(
    `${accepted.length} accepted, ${refused} refused (the slowest in ${Math.round(slowestRefusalMs)} ms), ${unanswered} unanswered`,
  );
}

async function submit(node: Node, count: number, sessions = 10): Promise<LoadResult> {
  let taken = 0;
  return load({ port: node.smtp, sessions, stopped: () => taken >= count, onAccepted: () => (taken += 1) });
}

/** What the SMTP door says, reply by reply, to a client that wants to send. */
async function greeting(node: Node): Promise<string[]> {
  const socket = connect(node.smtp, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  socket.on("error", () => {});
  socket.write("EHLO c.test\r\n"); // the door speaks first, but an impatient client is heard too
  socket.write("MAIL FROM:<app@crash.test>\r\n");
  socket.write("QUIT\r\n");
  await once(socket, "close");
  return heard.split("\r\n");
}

const send = (node: Node): Promise<Response> =>
  fetch(`http://127.0.0.1:${node.http}/v1/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ from: "app@crash.test", to: ["someone@example.net"], subject: "hello", text: "Hello" }),
  });

const drained = (database: Database) =>
  eventually(
    async () =>
      (await database.query<{ n: number }>("SELECT count(*) AS n FROM queue").catch(() => null))?.[0]?.n === 0,
    60_000,
  );
