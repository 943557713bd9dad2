import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import Mailgun from "mailgun.js";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { API_KEY, refusal } from "../../../../test/support/http-door.ts";
import { registerMailgun } from "./index.ts";

let compat: CompatDoor;
const clientWith = (key: string) => new Mailgun(FormData).client({ username: "api", key, url: compat.door.url });
before(async () => {
  compat = await compatDoor(registerMailgun);
});
after(() => compat.door.stop());
afterEach(() => {
  compat.port.submissions.length = 0;
  compat.port.closed = null;
});

const MAIL = {
  from: "Acme <app@acme.test>",
  to: ["Ada <ada@example.com>", "bob@example.com"],
  subject: "Hello",
  text: "Hi",
  html: "<p>Hi</p>",
  "h:Reply-To": "help@acme.test",
  "h:X-Own": "1",
  "o:tag": ["welcome"],
  "v:user": "7",
  attachment: [{ data: Buffer.from([0, 1, 2, 255]), filename: "a.bin" }],
};
const errorOf = async (call: Promise<unknown>) =>
  call.then(
    () => assert.fail("was taken"),
    (error: { status: number; details: string }) => error,
  );

describe("the official client of Mailgun", () => {
  test("sends, and gets the Message-ID the mail carries", async () => {
    const answer = await clientWith(API_KEY).messages.create("acme.test", MAIL);
    assert.equal(answer.message, "Queued. Thank you.");
    const [submission] = compat.port.submissions;
    const text = submission!.raw.toString();
    assert.ok(text.includes(`\r\nMessage-ID: ${answer.id}\r\n`), text.slice(0, 400));
    assert.match(text, /\r\nReply-To: help@acme\.test\r\n/);
    assert.match(text, /\r\nX-Own: 1\r\n/);
    assert.match(text, /filename="?a\.bin"?[\s\S]*AAEC\/w==/);
    assert.deepEqual(
      submission!.envelope.recipients.map((one) => one.mailbox.address),
      ["ada@example.com", "bob@example.com"],
    );
    assert.deepEqual(submission!.tags, { welcome: "", user: "7" });
  });

  test("sends MIME text as it is, with CR LF at every line's end, and gets its Message-ID", async () => {
    const message = "From: app@acme.test\nTo: ada@example.com\nMessage-ID: <own@acme.test>\nSubject: raw\n\n.Hello\n";
    const { id } = await clientWith(API_KEY).messages.create("acme.test", { to: "ada@example.com", message });
    assert.equal(compat.port.submissions[0]!.raw.toString(), message.replaceAll("\n", "\r\n"));
    assert.equal(id, "<own@acme.test>");
  });

  test("sends MIME text without a Message-ID: it gets the one that is answered, and events will name", async () => {
    const message = "From: app@acme.test\nTo: ada@example.com\nSubject: raw\n\nHello\n";
    const { id } = await clientWith(API_KEY).messages.create("acme.test", { to: "ada@example.com", message });
    assert.match(id!, /^<\d{14}\.[0-9a-f]{32}@acme\.test>$/);
    assert.equal(
      compat.port.submissions[0]!.raw.toString(),
      `Message-ID: ${id}\r\n${message.replaceAll("\n", "\r\n")}`,
    );
  });

  test("is told the dialect's own errors", async () => {
    assert.equal((await errorOf(clientWith("wrong").messages.create("acme.test", MAIL))).status, 401);
    const templated = { from: MAIL.from, to: MAIL.to, subject: "x", template: "welcome" };
    const refused = await errorOf(clientWith(API_KEY).messages.create("acme.test", templated));
    assert.equal(refused.status, 400);
    assert.match(refused.details, /template 'welcome' not found/);
    const elsewhere = await errorOf(clientWith(API_KEY).messages.create("beta.test", MAIL));
    assert.deepEqual([elsewhere.status, elsewhere.details], [404, "Domain not found"]);
    compat.port.answers.push(refusal("author-not-allowed", 403));
    assert.equal((await errorOf(clientWith(API_KEY).messages.create("acme.test", MAIL))).status, 403);
    compat.port.closed = refusal("disk-low", 503, 30);
    assert.equal((await errorOf(clientWith(API_KEY).messages.create("acme.test", MAIL))).status, 503);
  });

  test("in test mode all is checked and nothing is sent; no line break gets into a header", async () => {
    await clientWith(API_KEY).messages.create("acme.test", { ...MAIL, "o:testmode": "yes" });
    await errorOf(clientWith(API_KEY).messages.create("acme.test", { ...MAIL, subject: "Hi\r\nBcc: eve@evil.test" }));
    assert.equal(compat.port.submissions.length, 0);
  });
});
