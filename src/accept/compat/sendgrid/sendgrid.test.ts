import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import sendgrid from "@sendgrid/client";
import mail from "@sendgrid/mail";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { API_KEY, refusal } from "../../../../test/support/http-door.ts";
import { registerSendGrid } from "./index.ts";

let compat: CompatDoor;
before(async () => {
  compat = await compatDoor(registerSendGrid);
  useKey(API_KEY);
  mail.setClient(sendgrid);
});
after(() => compat.door.stop());
afterEach(() => {
  compat.port.submissions.length = 0;
  compat.port.closed = null;
  useKey(API_KEY);
});

/** Setting a key sets the base URL back to theirs: it names a region. */
function useKey(key: string): void {
  sendgrid.setApiKey(key);
  sendgrid.setDefaultRequest("baseUrl", compat.door.url);
}

const MAIL = {
  from: { email: "app@acme.test", name: "Acme" },
  to: ["ada@example.com", "bob@example.com"],
  subject: "Hello",
  text: "Hi",
  html: "<p>Hi</p>",
  replyTo: "help@acme.test",
  categories: ["welcome"],
  customArgs: { user: "7" },
  attachments: [{ content: Buffer.from("pdf").toString("base64"), filename: "a.pdf", type: "application/pdf" }],
};
const errorOf = async (call: Promise<unknown>) =>
  call.then(
    () => assert.fail("was taken"),
    (error: { code: number; response: { body: { errors: { message: string; field: string | null }[] } } }) => ({
      status: error.code,
      ...error.response.body.errors[0]!,
    }),
  );

describe("the official clients of SendGrid", () => {
  test("send: 202 without a body, and an id in its header", async () => {
    const [response] = await mail.send({ ...MAIL });
    assert.equal(response.statusCode, 202);
    assert.match(response.headers["x-message-id"], /^[0-9a-f-]{36}$/);
    const [submission] = compat.port.submissions;
    assert.equal(submission!.envelope.recipients.length, 2);
    assert.deepEqual(submission!.tags, { welcome: "", user: "7" });
    assert.match(submission!.raw.toString(), /\r\nReply-To: help@acme\.test\r\n/);
  });

  test("sendMultiple: one message each", async () => {
    await mail.sendMultiple({ ...MAIL });
    assert.deepEqual(
      compat.port.submissions.map((one) => one.envelope.recipients.map(({ mailbox }) => mailbox.address)),
      [["ada@example.com"], ["bob@example.com"]],
    );
  });

  test("are told in the dialect's own shape what is wrong", async () => {
    assert.deepEqual(await errorOf(mail.send({ ...MAIL, templateId: "d-1" })), {
      status: 400,
      message: "This is not supported by this server (Postern).",
      field: "template_id",
      help: null,
    });
    compat.port.answers.push(refusal("author-not-allowed", 403));
    assert.equal((await errorOf(mail.send({ ...MAIL }))).status, 403);
    compat.port.closed = refusal("disk-low", 503, 30);
    assert.equal((await errorOf(mail.send({ ...MAIL }))).status, 503);
    compat.port.closed = null;
    useKey("SG.wrong");
    assert.equal((await errorOf(mail.send({ ...MAIL }))).status, 401);
  });

  test("cannot put a line break into a header; nothing of several messages goes when one is faulty", async () => {
    assert.equal((await errorOf(mail.send({ ...MAIL, subject: "Hi\r\nBcc: eve@evil.test" }))).status, 400);
    const personalizations = [{ to: "ada@example.com" }, { to: "nobody" }];
    assert.equal(
      (await errorOf(mail.send({ from: "app@acme.test", subject: "x", text: "x", personalizations }))).status,
      400,
    );
    assert.equal(compat.port.submissions.length, 0);
  });

  test("in sandbox mode all is checked and nothing is sent", async () => {
    await mail.send({ ...MAIL, mailSettings: { sandboxMode: { enable: true } } });
    assert.equal(compat.port.submissions.length, 0);
  });

  test("keep the global suppression list", async () => {
    const [added] = await sendgrid.request({
      method: "POST",
      url: "/v3/asm/suppressions/global",
      body: { recipient_emails: ["ada@example.com"] },
    });
    assert.equal(added.statusCode, 201);
    const [, found] = await sendgrid.request({ method: "GET", url: "/v3/asm/suppressions/global/ada@example.com" });
    assert.deepEqual(found, { recipient_email: "ada@example.com" });
    const [removed] = await sendgrid.request({ method: "DELETE", url: "/v3/asm/suppressions/global/ada@example.com" });
    assert.equal(removed.statusCode, 204);
  });
});
