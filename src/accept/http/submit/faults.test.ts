import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type TestDoor, problemOf, startTestDoor } from "../../../../test/support/http-door.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());
beforeEach(() => {
  door.port.submissions.length = 0;
});

const MESSAGE = { from: "Acme <noreply@acme.test>", to: ["ada@example.com"], subject: "Hello", text: "Hi" };

/** Places and details of what is wrong with `MESSAGE` once changed. */
async function faultsOf(change: object): Promise<string[]> {
  const { errors, code } = await problemOf(await door.post("/v1/messages", { ...MESSAGE, ...change }), 422);
  assert.equal(code, "request-invalid");
  assert.equal(door.port.submissions.length, 0);
  return errors!.map(({ pointer, detail }) => `${pointer}: ${detail}`);
}

describe("what could write a header field of its own is refused, with its place", () => {
  const INJECTION = "x\r\nBcc: victim@example.com";
  const places: [string, object, string][] = [
    ["the subject", { subject: INJECTION }, "/subject"],
    ["a bare LF", { subject: "x\nBcc: v@example.com" }, "/subject"],
    ["a NUL", { subject: "x\0" }, "/subject"],
    ["a NEL", { subject: "x\u0085y" }, "/subject"],
    ["a line separator", { subject: "x\u2028y" }, "/subject"],
    ["a name", { from: { email: "a@acme.test", name: INJECTION } }, "/from/name"],
    ["a named address", { from: `${INJECTION} <a@acme.test>` }, "/from"],
    ["an address", { to: [{ email: `a@b.test\r\nBcc: v@example.com` }] }, "/to/0/email"],
    ["a header value", { headers: { "X-A": INJECTION } }, "/headers/X-A"],
    ["a header name", { headers: { "X-A: b\r\nBcc": "v@example.com" } }, "/headers/X-A: b\r\nBcc"],
    [
      "a file name",
      { attachments: [{ filename: 'a"\r\nX: y', contentType: "a/b", content: "" }] },
      "/attachments/0/filename",
    ],
    ["a media type", { attachments: [{ contentType: "a/b\r\nX: y", content: "" }] }, "/attachments/0/contentType"],
    [
      "a content id",
      { attachments: [{ contentType: "a/b", content: "", contentId: "a>\r\nX: y" }] },
      "/attachments/0/contentId",
    ],
    ["a message id", { messageId: "<a@b>\r\nX: y" }, "/messageId"],
    ["a tag", { tags: { a: "b\nc" } }, "/tags/a"],
    [
      "the return path",
      { envelope: { returnPath: "a@b.test> SIZE=1\r\nRCPT TO:<v@example.com" } },
      "/envelope/returnPath",
    ],
  ];
  for (const [what, change, pointer] of places) {
    test(what, async () => {
      assert.deepEqual(
        (await faultsOf(change)).map((fault) => fault.split(": ")[0]!.slice(0, pointer.length)),
        [pointer.split(": ")[0]],
      );
    });
  }
});

describe("addresses that two parsers read differently are refused", () => {
  for (const to of [
    '"a@x.com x"@internal.example',
    "user@good.example(x)evil.example",
    "a@b.example, c@d.example",
    "A <a@b.example> <c@d.example>",
    "group: a@b.example;",
    "<a@b.example",
    "@relay.example:a@b.example",
    "a@b@c.example",
    'Ada" <x@y.example> "<a@b.example>',
    "a@[127.0.0.1]",
    "",
  ]) {
    test(JSON.stringify(to), async () => {
      assert.match((await faultsOf({ to: [to] }))[0]!, /^\/to\/0: must be exactly one address/);
    });
  }
});

test("fields that others write are refused, and each says which to use", async () => {
  const names = [
    "From",
    "SENDER",
    "bcc",
    "Received",
    "Return-Path",
    "Content-Type",
    "MIME-Version",
    "X-Postern-Stream",
    "Resent-To",
    "ARC-Seal",
    "Date",
  ];
  const faults = await faultsOf({ headers: Object.fromEntries(names.map((name) => [name, "x"])) });
  assert.equal(faults.length, names.length);
  assert.equal(faults[0], "/headers/From: may not be set here; use `from`.");
  assert.match((await faultsOf({ headers: { "x-a": "1", "X-A": "2" } }))[0]!, /is there twice/);
  assert.equal(
    (await door.post("/v1/messages", { ...MESSAGE, headers: { "DKIM-Signature": "v=1; a=b" } })).status,
    202,
  );
});

test("every mistake is told at once, unknown members too", async () => {
  assert.deepEqual(await faultsOf({ to: ["nobody"], subject: 3, recipients: [] }), [
    "/subject: must be text.",
    "/recipients: is not a known member.",
  ]);
  assert.deepEqual(
    (
      await faultsOf({
        to: ["nobody"],
        text: "\0",
        attachments: [{ contentType: "message/rfc822", content: "A===", filename: "../x" }],
      })
    ).map((f) => f.split(":")[0]),
    ["/to/0", "/text", "/attachments/0/filename", "/attachments/0/contentType", "/attachments/0/content"],
  );
  assert.match((await faultsOf({ to: undefined }))[0]!, /^\/to: names nobody/);
  assert.match((await faultsOf({ text: undefined }))[0]!, /^: has no content/);
  assert.match((await faultsOf({ text: "\ud800" }))[0]!, /surrogate/);
  assert.match(
    (await faultsOf({ attachments: [{ contentType: "a/b", content: "JVBE\nRg==" }] }))[0]!,
    /without line breaks/,
  );
  assert.match(
    (await faultsOf({ tags: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`t${n}`, ""])) }))[0]!,
    /at most 10/,
  );
});

test("what has the wrong type, length or word is said in words", async () => {
  const long = { subject: "x".repeat(2_001), headers: [], cc: "bob@example.com" };
  assert.deepEqual(await faultsOf({ ...long, attachments: [{ content: null, disposition: "below" }] }), [
    "/cc: must be a list.",
    "/subject: must have at most 2000 characters.",
    "/headers: must be an object of names and values.",
    "/attachments/0/contentType: is missing.",
    "/attachments/0/content: must be text.",
    "/attachments/0/disposition: must be one of attachment, inline.",
  ]);
  assert.deepEqual(await faultsOf({ envelope: { recipients: [] } }), [
    "/envelope/recipients: must have at least 1 item.",
  ]);
});

test("an answer does not grow with what it complains of", async () => {
  const response = await door.post("/v1/messages", {
    ...MESSAGE,
    ["x".repeat(100_000)]: 1,
    headers: { ["y".repeat(100_000)]: "" },
  });
  assert.equal(response.status, 422);
  assert.ok((await response.text()).length < 2_000);
  const many = await door.post("/v1/messages", { ...MESSAGE, to: Array.from({ length: 500 }, () => "nobody") });
  assert.equal((await problemOf(many, 422)).errors!.length, 20);
});
