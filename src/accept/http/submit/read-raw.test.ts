import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type TestDoor, problemOf, startTestDoor } from "../../../../test/support/http-door.ts";
import type { Submission } from "../../submission.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());
beforeEach(() => {
  door.port.submissions.length = 0;
});

const last = (): Submission => door.port.submissions.at(-1)!;
const recipientsOf = (submission: Submission): string[] =>
  submission.envelope.recipients.map(({ mailbox }) => mailbox.address);

describe("a raw message", () => {
  const RAW = "From: a@acme.test\r\nTo: ada@example.com\r\nSubject: Hi\r\n\r\nHello\r\n";
  const envelope = { returnPath: "a@acme.test", recipients: ["ada@example.com"] };
  const json = (raw: string | Buffer, more: object = {}) => ({
    raw: Buffer.from(raw).toString("base64"),
    envelope,
    ...more,
  });
  const rfc822 = (body: string | Buffer, headers: Record<string, string> = {}) =>
    door.ask("/v1/messages", {
      method: "POST",
      headers: {
        "content-type": "message/rfc822",
        "x-postern-return-path": "a@acme.test",
        "x-postern-recipients": "ada@example.com, bob@example.com",
        ...headers,
      },
      body,
    });

  test("goes on octet by octet, as JSON and as message/rfc822", async () => {
    assert.equal((await door.post("/v1/messages", json(RAW, { stream: "alerts", tags: { a: "b" } }))).status, 202);
    assert.equal(last().raw.toString(), RAW);
    assert.deepEqual([last().stream, last().tags], ["alerts", { a: "b" }]);
    assert.equal((await rfc822(RAW, { "x-postern-return-path": "<>", "x-postern-stream": "security" })).status, 202);
    assert.equal(last().raw.toString(), RAW);
    assert.deepEqual(recipientsOf(last()), ["ada@example.com", "bob@example.com"]);
    assert.deepEqual([last().envelope.returnPath, last().stream], [null, "security"]);
  });

  test("with lines two servers could read differently is refused as at the SMTP door, never mended", async () => {
    for (const [raw, code] of [
      [RAW.replaceAll("\r\n", "\n"), "bare-lf"],
      [`${RAW}a\rb\r\n`, "bare-cr"],
      [`${RAW}\n.\r\n`, "bare-lf"],
      [`${RAW}\0`, "nul"],
      [`${RAW}${"x".repeat(999)}`, "line-too-long"],
    ] as const) {
      const document = await problemOf(await door.post("/v1/messages", json(raw)), 422);
      assert.equal(document.code, code);
      assert.equal(document.errors![0]!.pointer, "/raw");
      assert.equal((await problemOf(await rfc822(raw), 422)).code, code);
    }
    assert.equal(door.port.submissions.length, 0);
    assert.ok(door.refused.includes("bare-lf"));
  });

  test("says what it needs of the next hop", async () => {
    await door.post("/v1/messages", json(RAW));
    assert.deepEqual([last().envelope.needs8bit, last().envelope.needsSmtputf8], [false, false]);
    await door.post("/v1/messages", json(`${RAW}é\r\n`));
    assert.deepEqual([last().envelope.needs8bit, last().envelope.needsSmtputf8], [true, false]);
    await door.post("/v1/messages", json(RAW.replace("Hi", "Grüße")));
    assert.deepEqual([last().envelope.needs8bit, last().envelope.needsSmtputf8], [true, true]);
    const latin1 = await door.post("/v1/messages", json(Buffer.from(RAW.replace("Hi", "Grüße"), "latin1")));
    assert.match((await problemOf(latin1, 422)).detail, /no UTF-8/);
  });

  test("without its envelope is refused, naming the header", async () => {
    const document = await problemOf(
      await rfc822(RAW, { "x-postern-return-path": "nobody", "x-postern-recipients": "" }),
      422,
    );
    assert.deepEqual(
      document.errors!.map(({ header }) => header),
      ["x-postern-return-path", "x-postern-recipients"],
    );
    assert.equal((await problemOf(await door.post("/v1/messages", { raw: "" }), 422)).errors![0]!.pointer, "/envelope");
  });
});
