import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { type TestDoor, refusal, startTestDoor } from "../../../test/support/http-door.ts";
import type { ProblemDocument } from "./problem.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());
beforeEach(() => {
  door.port.submissions.length = 0;
});

const message = (n: number) => ({ from: "a@acme.test", to: [`u${n}@example.com`], subject: "Hi", text: `${n}` });
type Result = { index: number; status: string; id?: string; replayed?: boolean; problem?: ProblemDocument };
async function send(messages: unknown[], headers: Record<string, string> = {}): Promise<Result[]> {
  const response = await door.post("/v1/messages/batch", { messages }, headers);
  assert.equal(response.status, 200);
  return ((await response.json()) as { results: Result[] }).results;
}

test("each message is taken or refused by itself, in order", async () => {
  door.port.answers.push(null, refusal("author-not-allowed", 403));
  const results = await send([message(0), { ...message(1), subject: "a\nb" }, "no message", message(3)]);
  assert.deepEqual(
    results.map(({ index, status, problem }) => [index, status, problem?.code, problem?.errors?.[0]?.pointer]),
    [
      [0, "accepted", undefined, undefined],
      [1, "refused", "request-invalid", "/subject"],
      [2, "refused", "request-invalid", ""],
      [3, "refused", "author-not-allowed", undefined],
    ],
  );
  assert.equal(door.port.submissions.length, 1);
});

test("a key counts per message, and the same message alone under its own key is a replay", async () => {
  const first = await send([message(0), message(1)], { "idempotency-key": "b" });
  const again = await send([message(0), message(1), message(2)], { "idempotency-key": "b" });
  assert.deepEqual(
    again.map(({ replayed }) => replayed),
    [true, true, false],
  );
  assert.deepEqual(
    again.slice(0, 2).map(({ id }) => id),
    first.map(({ id }) => id),
  );
  const alone = await door.post("/v1/messages", message(1), { "idempotency-key": "b/1" });
  assert.deepEqual(await alone.json(), { id: first[1]!.id, status: "accepted", replayed: true });
  assert.equal((await send([message(9)], { "idempotency-key": "b" }))[0]!.problem!.code, "idempotency-key-reused");
});

test("a stream whose name is no text is refused by itself, also under a key", async () => {
  const results = await send([message(0), { ...message(1), stream: "\ud800" }], { "idempotency-key": "s" });
  assert.deepEqual(
    results.map(({ status, problem }) => [status, problem?.errors?.[0]?.pointer]),
    [
      ["accepted", undefined],
      ["refused", "/stream"],
    ],
  );
});

test("1 to 100 messages, in an object, and a key that leaves room for its index", async () => {
  assert.equal((await send(Array.from({ length: 100 }, (_, n) => message(n)))).length, 100);
  for (const body of [
    { messages: [] },
    { messages: Array.from({ length: 101 }, () => ({})) },
    [],
    {},
    { messages: [{}], x: 1 },
  ]) {
    assert.equal((await door.post("/v1/messages/batch", body)).status, 422);
  }
  const long = await door.post("/v1/messages/batch", { messages: [{}] }, { "idempotency-key": "x".repeat(253) });
  assert.equal(((await long.json()) as ProblemDocument).code, "idempotency-key-invalid");
});

test("an accept that fails unforeseen fails the request, whose key makes it safe to send again", async () => {
  door.port.answers.push(null, new Error("the disk burns"));
  const response = await door.post(
    "/v1/messages/batch",
    { messages: [message(0), message(1)] },
    { "idempotency-key": "f" },
  );
  assert.equal(response.status, 500);
  assert.deepEqual(
    (await send([message(0), message(1)], { "idempotency-key": "f" })).map(({ replayed }) => replayed),
    [true, false],
  );
});

test("great messages are taken in groups: those that wait are not in memory", async () => {
  let go = (): void => {};
  door.port.hold = new Promise((resolve) => (go = resolve));
  door.port.called = 0;
  const text = "x".repeat(70).concat("\n").repeat(15_000); // above 1 MiB
  const sent = send(Array.from({ length: 8 }, (_, n) => ({ ...message(n), text })));
  assert.ok(await eventually(() => door.port.called === 4));
  for (let n = 0; n < 20; n += 1) await new Promise(setImmediate);
  assert.equal(door.port.called, 4);
  door.port.hold = null;
  go();
  const results = await sent;
  assert.deepEqual(
    results.map(({ index, status }) => [index, status]),
    Array.from({ length: 8 }, (_, n) => [n, "accepted"]),
  );
});
