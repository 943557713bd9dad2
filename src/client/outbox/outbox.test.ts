import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import {
  API_KEY,
  type FakePort,
  type TestDoor,
  fakePort,
  refusal,
  startTestDoor,
} from "../../../test/support/http-door.ts";
import { type QuickClock, quickClock } from "../../../test/support/quick-clock.ts";
import {
  type ClientOptions,
  type Message,
  type OutboxEvent,
  PosternError,
  type PosternClient,
  createClient,
} from "../index.ts";

/** Of a client with its defaults, and of the lock. */
const TIMEOUT_MS = 15_000;
const HEARTBEAT_MS = 10_000;

let folder: string;
let port: FakePort;
let door: TestDoor | null;
let clients: PosternClient[];
let events: OutboxEvent[];
let clock: QuickClock;
/** Where Postern is, or would be. */
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-outbox-"));
  port = fakePort();
  door = null;
  clients = [];
  events = [];
  clock = quickClock((delayMs) => delayMs === TIMEOUT_MS || delayMs === HEARTBEAT_MS);
  await startDoor();
});
afterEach(async () => {
  for (const client of clients) await client.close();
  await door?.stop();
  rmSync(folder, { recursive: true });
});

const startDoor = async () => {
  door = await startTestDoor({ port, ...(url === undefined ? {} : { listenPort: Number(new URL(url).port) }) });
  ({ url } = door);
};
const stopDoor = async () => {
  await door!.stop();
  door = null;
};
function open(change: Partial<ClientOptions["outbox"]> = {}, more: Partial<ClientOptions> = {}): PosternClient {
  const outbox = { folder, onEvent: (event: OutboxEvent) => events.push(event), ...change };
  const client = createClient({ url, apiKey: API_KEY, clock, outbox, ...more });
  clients.push(client);
  return client;
}
const message = (n: number | string): Message => ({
  from: "a@acme.test",
  to: ["ada@example.com"],
  subject: `${n}`,
  text: "x",
});
const subjects = (): string[] => port.submissions.map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw.toString())![1]!);
const files = (place: string): string[] => readdirSync(path.join(folder, place));
async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise(setImmediate);
}
const kinds = (): string[] => events.map(({ kind }) => kind);
async function errorOf(work: Promise<unknown>): Promise<PosternError> {
  const error: unknown = await work.then(
    () => assert.fail("did not throw"),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof PosternError, String(error));
  return error;
}

test("while Postern can be reached nothing is written", async () => {
  assert.equal((await open().send(message(1))).status, "accepted");
  assert.deepEqual([files("pending"), kinds()], [[], []]);
});

describe("when Postern cannot be reached", () => {
  test("messages are stored, and go to it in order once it is back, each once", async () => {
    await stopDoor();
    const client = open();
    for (let n = 0; n < 5; n += 1) assert.equal((await client.send(message(n))).status, "stored");
    assert.equal(files("pending").length, 5);
    await startDoor();
    await until(() => kinds().filter((kind) => kind === "delivered").length === 5);
    assert.deepEqual(subjects(), ["0", "1", "2", "3", "4"]);
    assert.equal(files("pending").length, 0);
    assert.equal((await client.send(message("later"))).status, "accepted", "and then mail goes straight again");
  });

  test("a new message goes behind those that wait, without trying the door", async () => {
    clock = quickClock(() => true); // no wait ends by itself
    const client = open();
    await client.flush();
    port.closed = refusal("queue-full", 503, 30);
    await client.send(message(1));
    port.closed = null;
    assert.equal((await client.send(message(2))).status, "stored");
    assert.deepEqual(
      events.map((event) => (event.kind === "waiting" ? event.retryInMs : event.kind)),
      ["stored", 30_000, "stored"],
    );
    assert.deepEqual(
      await client.flush(),
      { delivered: 2, refused: 0, expired: 0, remaining: 0 },
      "a flush waits for nothing",
    );
    assert.deepEqual(subjects(), ["1", "2"]);
  });

  test("a stored message outlives the program, with its key", async () => {
    await stopDoor();
    const first = open();
    const stored = await first.send(message("kept"), { idempotencyKey: "my-key" });
    await first.close();
    await startDoor();
    open();
    await until(() => port.submissions.length === 1);
    assert.equal(port.submissions[0]!.idempotency!.key, "my-key");
    await until(() => kinds().includes("delivered"));
    assert.deepEqual(
      events.filter(({ kind }) => kind === "delivered").map((event) => "outboxId" in event && event.outboxId),
      ["outboxId" in stored && stored.outboxId],
    );
  });

  test("a message Postern had taken before its answer was lost is not sent twice", async () => {
    let lost = 1;
    const losing: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      lost -= 1;
      if (lost >= 0) throw new TypeError("terminated");
      return response;
    };
    assert.equal((await open({}, { fetch: losing }).send(message(1))).status, "stored");
    await until(() => kinds().includes("delivered"));
    const delivered = events.find(({ kind }) => kind === "delivered");
    assert.ok(delivered?.kind === "delivered" && delivered.replayed);
    assert.equal(port.submissions.length, 1);
  });

  test("a batch is stored message by message, under the keys it would have had", async () => {
    const client = open();
    port.answers.push(null, refusal("queue-full", 503, 1), refusal("author-not-allowed", 403));
    const results = await client.sendBatch([message(0), message(1), message(2)], { idempotencyKey: "b" });
    assert.deepEqual(
      results.map(({ status }) => status),
      ["accepted", "stored", "refused"],
    );
    await client.flush();
    assert.deepEqual(
      port.submissions.map(({ idempotency }) => idempotency!.key),
      ["b/0", "b/1"],
    );
    await stopDoor();
    assert.deepEqual(
      (await client.sendBatch([message(3), message(4)])).map(({ status }) => status),
      ["stored", "stored"],
    );
  });
});

describe("what Postern will never take", () => {
  test("is put aside with the reason; what comes after it goes on", async () => {
    await stopDoor();
    const client = open();
    await client.send({ ...message("bad"), subject: "a\nb" });
    await client.send(message("good"));
    await startDoor();
    await until(() => port.submissions.length === 1);
    assert.deepEqual(subjects(), ["good"]);
    const [name] = files("refused");
    const kept = JSON.parse(readFileSync(path.join(folder, "refused", name!), "utf8")) as {
      message: string;
      problem: { code: string };
    };
    assert.equal(kept.problem.code, "request-invalid");
    assert.equal((JSON.parse(kept.message) as { subject: string }).subject, "a\nb");
    await until(() => files("pending").length === 0);
  });

  test("is only what Postern itself says: a wrong credential or a proxy's page holds the mail back", async () => {
    await stopDoor();
    const client = open();
    await client.send(message(1));
    await client.close();
    await startDoor();
    const wrong = open({}, { apiKey: "expired-key" });
    assert.equal((await wrong.flush()).remaining, 1);
    const page: typeof fetch = async () =>
      new Response("<h1>Forbidden</h1>", { status: 403, headers: { "content-type": "text/html" } });
    await wrong.close();
    const behindProxy = open({}, { fetch: page });
    assert.equal((await behindProxy.flush()).remaining, 1);
    await behindProxy.close();
    assert.deepEqual(
      await open()
        .flush()
        .then(({ remaining }) => [remaining, files("refused")]),
      [0, []],
    );
    assert.deepEqual(subjects(), ["1"]);
  });

  test("a message that makes Postern fail does not hold up the others, and stays", async () => {
    port.closed = refusal("stopping", 503);
    const client = open();
    for (const n of [1, 2, 3]) await client.send(message(n));
    port.answers.push(new Error("this one"));
    port.closed = null;
    await until(() => port.submissions.length === 3);
    assert.deepEqual(subjects(), ["2", "3", "1"]);
  });

  test("is what is older than its key: it is put aside, not sent blindly", async () => {
    await stopDoor();
    const client = open();
    await client.send(message("old"));
    await client.close();
    clock.skip(72 * 3_600_000);
    await startDoor();
    open();
    await until(() => kinds().includes("expired"));
    assert.equal(port.submissions.length, 0);
    assert.deepEqual([files("expired").length, files("pending").length], [1, 0]);
  });
});

describe("bounds", () => {
  test("a full outbox says so, and keeps what it has", async () => {
    await stopDoor();
    const client = open({ maxMessages: 3 });
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => client.send(message(n))));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 3, "also where all come at once");
    assert.equal((await errorOf(client.send(message(9)))).code, "outbox-full");
    assert.equal(files("pending").length, 3);
    assert.equal((await errorOf(open({ maxBytes: 100 }).send(message("x".repeat(200))))).code, "outbox-full");
  });

  test(
    "a folder that cannot be written is told to the sender",
    { skip: process.getuid?.() === 0 && "root may write anywhere" },
    async () => {
      chmodSync(folder, 0o500);
      await stopDoor();
      assert.equal((await errorOf(open().send(message(1)))).code, "outbox-write-failed");
      chmodSync(folder, 0o700);
    },
  );

  test("a folder that is a file is told to the sender", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    assert.equal((await errorOf(open({ folder: file }).send(message(1)))).code, "outbox-write-failed");
  });
});

test("only its owner reads what waits", async () => {
  await stopDoor();
  await open().send(message(1));
  assert.equal(statSync(path.join(folder, "pending")).mode & 0o777, 0o700);
  assert.equal(statSync(path.join(folder, "pending", files("pending")[0]!)).mode & 0o777, 0o600);
});

test("half-written files are no messages, and spoiled ones are put aside, not dropped", async () => {
  await stopDoor();
  const client = open();
  await client.send(message(1));
  await client.close();
  writeFileSync(path.join(folder, "pending", "1b2c.tmp"), '{"version":1,"outb');
  const [name] = files("pending").filter((one) => one.endsWith(".json"));
  const spoiled = name!.replace(/[0-9a-f]{12}\.json$/, "000000000000.json");
  writeFileSync(path.join(folder, "pending", spoiled), '{"version":1,"outb');
  await startDoor();
  open();
  await until(() => kinds().includes("delivered") && kinds().includes("refused"));
  assert.deepEqual(files("refused"), [spoiled]);
  assert.equal(port.submissions.length, 1);
});

test("of two clients on one folder one drains, and takes the other's messages too", async () => {
  await stopDoor();
  const [one, other] = [open(), open()];
  for (let n = 0; n < 20; n += 1) await (n % 2 === 0 ? one : other).send(message(n));
  await startDoor();
  await until(() => files("pending").length === 0);
  assert.equal(port.called, 20, "each was tried once");
  assert.deepEqual(new Set(subjects()).size, 20);
});

test("a listener that throws stops nothing", async () => {
  await stopDoor();
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const client = open({
    onEvent: () => {
      throw new Error("listener");
    },
  });
  assert.equal((await client.send(message(1))).status, "stored");
  await startDoor();
  await until(() => port.submissions.length === 1);
  assert.match(String(await warned), /listener threw/);
});
