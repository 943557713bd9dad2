import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { API_KEY, refusal } from "../../../../test/support/http-door.ts";
import { idHere, idThere } from "./ids.ts";
import { registerMandrill } from "./index.ts";

let port: CompatDoor["port"];
let door: CompatDoor["door"];
before(async () => {
  ({ port, door } = await compatDoor(registerMandrill));
});
after(() => door.stop());
afterEach(() => {
  port.submissions.length = 0;
  port.closed = null;
});

async function call(method: string, body: Record<string, unknown>, key: string | undefined = API_KEY) {
  const response = await fetch(`${door.url}/api/1.0/${method}`, {
    method: "POST",
    body: JSON.stringify({ ...(key === undefined ? {} : { key }), ...body }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> & { name?: string }[] };
}
const MESSAGE = {
  from_email: "app@acme.test",
  from_name: "Acme",
  to: [{ email: "ada@example.com", name: "Ada" }, { email: "bob@example.com" }],
  subject: "Hello",
  text: "Hi there",
  html: "<p>Hi there</p>",
  headers: { "Reply-To": "help@acme.test", "X-Own": "1" },
  tags: ["welcome"],
  metadata: { user: 7 },
  attachments: [{ type: "text/plain", name: "a.txt", content: Buffer.from("attached").toString("base64") }],
};

describe("messages/send", () => {
  test("is one message for each recipient, who sees nobody else, and says queued with an id of 32 digits", async () => {
    const { status, body } = await call("messages/send", { message: MESSAGE });
    assert.equal(status, 200);
    const results = body as unknown as { email: string; status: string; _id: string; reject_reason: null }[];
    assert.deepEqual(
      results.map((one) => [one.email, one.status, one.reject_reason]),
      [
        ["ada@example.com", "queued", null],
        ["bob@example.com", "queued", null],
      ],
    );
    assert.match(results[0]!["_id"], /^[0-9a-f]{32}$/);
    assert.equal(port.submissions.length, 2);
    const [first] = port.submissions;
    assert.deepEqual(
      first!.envelope.recipients.map((one) => one.mailbox.address),
      ["ada@example.com"],
    );
    const text = first!.raw.toString();
    assert.match(text, /^From: Acme <app@acme\.test>\r\n/);
    assert.match(text, /\r\nReply-To: help@acme\.test\r\n/);
    assert.match(text, /\r\nX-Own: 1\r\n/);
    assert.doesNotMatch(text, /bob@example\.com/);
    assert.deepEqual(first!.tags, { welcome: "", user: "7" });
  });

  test("with preserve_recipients shows all but hidden ones, and still gives each an id of its own", async () => {
    const to = [...MESSAGE.to, { email: "eve@example.com", type: "cc" }, { email: "mallory@example.com", type: "bcc" }];
    await call("messages/send.json", { message: { ...MESSAGE, to, preserve_recipients: true } });
    assert.deepEqual(
      port.submissions.map(({ envelope }) => envelope.recipients.map(({ mailbox }) => mailbox.address)),
      [["ada@example.com"], ["bob@example.com"], ["eve@example.com"], ["mallory@example.com"]],
    );
    for (const { raw } of port.submissions) {
      assert.match(raw.toString(), /\r\nTo: Ada <ada@example\.com>,\s+bob@example\.com\r\nCc: eve@example\.com\r\n/);
      assert.doesNotMatch(raw.toString(), /mallory/);
    }
  });

  test("refuses by name what it cannot do, and sends nothing", async () => {
    for (const [change, what] of [
      [{ message: { ...MESSAGE, html: "<style>p{}</style>", inline_css: true } }, "inline_css"],
      [{ message: { ...MESSAGE, merge: true, html: "*|UNSUB:x|*" } }, "UNSUB"],
    ] as const) {
      const { status, body } = await call("messages/send", change);
      assert.deepEqual([status, body["status"]], [500, "error"]);
      assert.match(String(body["message"]), new RegExp(what));
    }
    assert.equal(port.submissions.length, 0);
  });

  test("never lets a line break into a header", async () => {
    const { status, body } = await call("messages/send", {
      message: { ...MESSAGE, subject: "Hi\r\nBcc: eve@evil.test" },
    });
    assert.deepEqual([status, body["name"]], [500, "ValidationError"]);
    assert.equal(port.submissions.length, 0);
  });

  test("a sender that is not the tenant's is rejected as invalid-sender; a closed intake is ServiceUnavailable", async () => {
    port.answers.push(refusal("author-not-allowed", 403), null);
    const { body } = await call("messages/send", { message: MESSAGE });
    assert.deepEqual(
      (body as unknown as { status: string; reject_reason: string }[]).map((one) => [one.status, one.reject_reason]),
      [
        ["rejected", "invalid-sender"],
        ["queued", null],
      ],
    );
    port.closed = refusal("disk-low", 503, 30);
    const closed = await call("messages/send", { message: MESSAGE });
    assert.deepEqual([closed.status, closed.body["name"]], [500, "ServiceUnavailable"]);
  });
});

test("messages/send-raw takes the text as it is, with CR LF at every line's end, and its recipients from `to` or the fields", async () => {
  const raw = "From: app@acme.test\nTo: ada@example.com\nCc: bob@example.com\nSubject: raw\n\n.Hello\n";
  await call("messages/send-raw", { raw_message: raw });
  await call("messages/send-raw", { raw_message: raw, to: ["eve@example.com"] });
  assert.equal(port.submissions[0]!.raw.toString(), raw.replaceAll("\n", "\r\n"));
  assert.deepEqual(
    port.submissions.map(({ envelope }) => envelope.recipients.map(({ mailbox }) => mailbox.address)),
    [["ada@example.com"], ["bob@example.com"], ["eve@example.com"]],
  );
});

test("a wrong key, no key, an unknown method and a body that is no JSON get the dialect's own errors", async () => {
  assert.equal((await call("users/ping2", {}, "wrong")).body["name"], "Invalid_Key");
  const bare = await fetch(`${door.url}/api/1.0/users/ping2`, { method: "POST", body: "{}" });
  assert.deepEqual(
    [bare.status, ((await bare.json()) as { message: string }).message],
    [500, "You must specify a key value"],
  );
  assert.equal((await call("ips/list", {})).body["name"], "GeneralError");
  const broken = await fetch(`${door.url}/api/1.0/users/ping2`, { method: "POST", body: "{" });
  assert.equal(((await broken.json()) as { name: string }).name, "ValidationError");
  assert.deepEqual((await call("users/ping2", {})).body, { PING: "PONG!" });
});

test("rejects are the tenant's suppression list", async () => {
  assert.deepEqual((await call("rejects/add", { email: "ada@example.com" })).body, {
    email: "ada@example.com",
    added: true,
  });
  const { body } = await call("rejects/list", {});
  assert.deepEqual(
    (body as unknown as { email: string; detail: string }[]).map((one) => [one.email, one.detail]),
    [["ada@example.com", "asked us to"]],
  );
  assert.equal((await call("rejects/delete", { email: "ada@example.com" })).body["deleted"], true);
});

test("an id there is an id here", () => {
  const id = "01900000-0000-7000-8000-00000000abcd";
  assert.equal(idHere(idThere(id)), id);
  assert.equal(idHere("../../etc"), null);
});

test("templates are told with their sources as long as one answer can hold them; a label names fewer", async () => {
  const code = "x".repeat(64_000);
  for (let n = 0; n < 34; n += 1) {
    const labels = n < 2 ? ["few"] : [];
    assert.equal((await call("templates/add", { name: `t${n}`, code, text: code, labels })).status, 200);
  }
  const all = await call("templates/list", {});
  assert.deepEqual([all.status, all.body.name], [500, "ValidationError"]);
  assert.equal((await call("templates/list", { label: "few" })).body.length, 2);
});
