import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type TestDoor, problemOf, refusal, startTestDoor } from "../../../test/support/http-door.ts";
import type { Submission } from "../submission.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor({ limits: { messageBytes: 256 * 1024 } });
});
after(() => door.stop());
beforeEach(() => {
  door.port.submissions.length = 0;
  door.port.answers.length = 0;
  door.port.closed = null;
  door.refused.length = 0;
});

const MESSAGE = { from: "Acme <noreply@acme.test>", to: ["ada@example.com"], subject: "Hello", text: "Hi" };
const last = (): Submission => door.port.submissions.at(-1)!;
const recipientsOf = (submission: Submission): string[] =>
  submission.envelope.recipients.map(({ mailbox }) => mailbox.address);

describe("a message in fields", () => {
  test("is answered 202 with the id the core gave it", async () => {
    const response = await door.post("/v1/messages", MESSAGE);
    assert.equal(response.status, 202);
    const answer = (await response.json()) as { id: string };
    assert.deepEqual(answer, { id: answer.id, status: "accepted", replayed: false });
    const { submitter, door: way, envelope, raw, stream } = last();
    assert.deepEqual(
      { submitter, way, stream },
      { submitter: { tenant: "acme", credential: "app" }, way: "http", stream: undefined },
    );
    assert.equal(envelope.returnPath?.address, "noreply@acme.test");
    assert.deepEqual(recipientsOf(last()), ["ada@example.com"]);
    assert.match(raw.toString(), /^From: Acme <noreply@acme\.test>\r\nTo: ada@example\.com\r\nSubject: Hello\r\n/);
  });

  test("is not answered before the core has stored it", async () => {
    let release = () => {};
    door.port.hold = new Promise((resolve) => (release = resolve));
    let answered = false;
    const response = door.post("/v1/messages", MESSAGE).then((r) => ((answered = true), r));
    await door.ask("/v1/messages"); // a round trip: an answer given early would be here by now
    assert.equal(answered, false);
    release();
    door.port.hold = null;
    assert.equal((await response).status, 202);
  });

  test("carries everything it may hold", async () => {
    const response = await door.post("/v1/messages", {
      ...MESSAGE,
      to: [{ email: "ada@example.com", name: "Ada, Countess" }, '"Smith, J" <j@example.com>'],
      cc: ["c@example.com"],
      bcc: ["hidden@example.com"],
      replyTo: ["help@acme.test"],
      html: "<p>Hi</p>",
      headers: { "List-Unsubscribe": "<https://acme.test/u>", "X-Campaign": "größe" },
      attachments: [{ filename: "résumé.pdf", contentType: "application/pdf", content: "JVBERg==" }],
      messageId: "<1.a@acme.test>",
      stream: "alerts",
      tags: { order: "4711" },
    });
    assert.equal(response.status, 202);
    const text = last().raw.toString();
    assert.match(text, /^To: "Ada, Countess" <ada@example\.com>, "Smith, J" <j@example\.com>\r\n/m);
    assert.match(text, /^Cc: c@example\.com\r\n/m);
    assert.match(text, /^Reply-To: help@acme\.test\r\n/m);
    assert.match(text, /^Message-ID: <1\.a@acme\.test>\r\n/m);
    assert.match(text, /^X-Campaign: =\?UTF-8\?B\?Z3LDtsOfZQ==\?=\r\n/m);
    assert.match(text, /filename\*=UTF-8''r%C3%A9sum%C3%A9\.pdf/);
    assert.doesNotMatch(text, /hidden@example\.com/);
    assert.deepEqual(recipientsOf(last()), ["ada@example.com", "j@example.com", "c@example.com", "hidden@example.com"]);
    assert.deepEqual(last().tags, { order: "4711" });
    assert.equal(last().stream, "alerts");
  });

  test("may have an envelope of its own, with the null return path", async () => {
    await door.post("/v1/messages", { ...MESSAGE, envelope: { returnPath: null, recipients: ["other@example.com"] } });
    assert.equal(last().envelope.returnPath, null);
    assert.deepEqual(recipientsOf(last()), ["other@example.com"]);
  });

  test("goes to a domain of another script without SMTPUTF8, to a local part of another script with it", async () => {
    await door.post("/v1/messages", { ...MESSAGE, to: ["ada@bücher.example"] });
    assert.deepEqual(recipientsOf(last()), ["ada@xn--bcher-kva.example"]);
    assert.match(last().raw.toString(), /^To: ada@xn--bcher-kva\.example\r\n/m);
    assert.equal(last().envelope.needsSmtputf8, false);
    await door.post("/v1/messages", { ...MESSAGE, to: ["дмитрий@example.com"] });
    assert.equal(last().envelope.needsSmtputf8, true);
  });
});

describe("an Idempotency-Key", () => {
  const keyed = (body: unknown, key = "k-1") => door.post("/v1/messages", body, { "idempotency-key": key });

  test("gives the same answer for the same message, however its JSON is written", async () => {
    const first = (await (await keyed(MESSAGE)).json()) as { id: string };
    const { to, ...rest } = MESSAGE;
    const again = await keyed(`{ "to": ${JSON.stringify(to)},\n ${JSON.stringify(rest).slice(1)}`);
    assert.deepEqual(await again.json(), { id: first.id, status: "accepted", replayed: true });
    assert.equal(door.port.submissions.length, 1);
  });

  test("with another message gives the core's refusal", async () => {
    await keyed(MESSAGE, "k-2");
    assert.equal(
      (await problemOf(await keyed({ ...MESSAGE, text: "Other" }, "k-2"), 422)).code,
      "idempotency-key-reused",
    );
  });

  test("covers envelope and octets of message/rfc822", async () => {
    const send = (recipients: string) =>
      door.ask("/v1/messages", {
        method: "POST",
        headers: {
          "content-type": "message/rfc822",
          "x-postern-return-path": "<>",
          "x-postern-recipients": recipients,
          "idempotency-key": "k-3",
        },
        body: "From: a@acme.test\r\n\r\nx\r\n",
      });
    assert.equal((await send("a@example.com")).status, 202);
    assert.equal(((await (await send("a@example.com")).json()) as { replayed: boolean }).replayed, true);
    assert.equal((await send("b@example.com")).status, 422);
  });

  test("must be printable ASCII of at most 255 characters", async () => {
    for (const key of ["x".repeat(256), "sch\u00f6n"]) {
      assert.equal((await problemOf(await keyed(MESSAGE, key), 422)).code, "idempotency-key-invalid");
    }
    assert.equal((await keyed(MESSAGE, "x".repeat(255))).status, 202);
  });
});

describe("a refusal of the core", () => {
  test("keeps its code, status and sentence, and says when to come again", async () => {
    door.port.answers.push(refusal("queue-full", 503, 30));
    const response = await door.post("/v1/messages", MESSAGE);
    assert.equal(response.headers.get("retry-after"), "30");
    assert.deepEqual(await problemOf(response, 503), {
      type: "/v1/problems/queue-full",
      title: "Queue full",
      status: 503,
      code: "queue-full",
      detail: "Refused as queue-full. Do something about it.",
      retryAfterS: 30,
    });
    assert.deepEqual(door.refused, [], "the core counts its own");
  });

  test("of intake is given before the body is read", async () => {
    door.port.closed = refusal("disk-low", 503, 30);
    const response = await door.post("/v1/messages", "{ this is no JSON");
    assert.equal((await problemOf(response, 503)).code, "disk-low");
    assert.equal(response.headers.get("retry-after"), "30");
    assert.equal((await door.post("/v1/messages/batch", "x")).status, 503);
    assert.equal((await door.ask("/v1/messages")).status, 200, "reading goes on");
    assert.deepEqual(door.refused, ["disk-low", "disk-low"]);
  });
});
