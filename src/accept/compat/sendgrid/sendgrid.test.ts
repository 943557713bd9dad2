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
const ADA = { email: "ada@example.com" };
/** As it goes over the wire. */
const BODY = {
  from: { email: "app@acme.test" },
  subject: "Hello",
  content: [{ type: "text/plain", value: "Hi" }],
  personalizations: [{ to: [ADA] }],
};
const on = (settings: string, name: string): object => ({ [settings]: { [name]: { enable: true } } });

type Failure = {
  code: number;
  response: { headers: Record<string, string>; body: { errors: { message: string; field: string | null }[] } };
};
const failureOf = async (call: Promise<unknown>): Promise<Failure> =>
  call.then(
    () => assert.fail("was taken"),
    (error: Failure) => error,
  );
const errorOf = async (call: Promise<unknown>) => {
  const { code, response } = await failureOf(call);
  return { status: code, ...response.body.errors[0]! };
};

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
    assert.deepEqual(await errorOf(mail.send({ ...MAIL, asm: { groupId: 1 } })), {
      status: 400,
      message:
        "This is not supported by this server (Postern). There are no unsubscribe groups: the suppression list is one for all mail of a tenant.",
      field: "asm",
      help: null,
    });
    compat.port.answers.push(refusal("author-not-allowed", 403));
    const stranger = await errorOf(mail.send({ ...MAIL }));
    assert.deepEqual([stranger.status, stranger.field], [403, "from"]);
    compat.port.closed = refusal("disk-low", 503, 30);
    assert.equal((await errorOf(mail.send({ ...MAIL }))).status, 503);
    compat.port.closed = null;
    useKey("SG.wrong");
    assert.equal((await errorOf(mail.send({ ...MAIL }))).status, 401);
  });

  test("are told to slow down with SendGrid's headers", async () => {
    compat.port.closed = refusal("intake-busy", 503, 1);
    const { code, response } = await failureOf(mail.send({ ...MAIL }));
    assert.equal(code, 429);
    assert.equal(response.headers["x-ratelimit-remaining"], "0");
    const waitS = Number(response.headers["x-ratelimit-reset"]) - Date.now() / 1000;
    assert.ok(waitS > 0 && waitS <= 3);
  });

  test("cannot act for a subuser", async () => {
    const asked = sendgrid.request({ method: "GET", url: "/v3/scopes", headers: { "On-Behalf-Of": "other" } });
    assert.equal((await errorOf(asked)).status, 403);
  });

  test("cannot put a line break into a header; nothing of several messages goes when one is faulty", async () => {
    const injected = await errorOf(mail.send({ ...MAIL, subject: "Hi\r\nBcc: eve@evil.test" }));
    assert.deepEqual([injected.status, injected.field], [400, "subject"]);
    const personalizations = [{ to: "ada@example.com" }, { to: "nobody" }];
    const faulty = await errorOf(mail.send({ from: "app@acme.test", subject: "x", text: "x", personalizations }));
    assert.deepEqual([faulty.status, faulty.field], [400, "personalizations.1.to.0.email"]);
    const strange = [{ to: "ada@example.com" }, { to: "bob@example.com", from: "app@stranger.test" }];
    const from = await errorOf(mail.send({ ...MAIL, to: [], personalizations: strange }));
    assert.equal(from.field, "personalizations.1.from.email");
    assert.equal(compat.port.submissions.length, 0);
  });

  const broken: [what: string, change: object, field: string][] = [
    ["no personalization", { personalizations: [] }, "personalizations"],
    ["nobody to write to", { personalizations: [{ to: [] }] }, "personalizations.0.to"],
    [
      "an address twice",
      { personalizations: [{ to: [ADA], cc: [{ email: "ADA@example.com" }] }] },
      "personalizations.0",
    ],
    ["no content", { content: [] }, "content"],
    ["an empty content", { content: [{ type: "text/plain", value: "" }] }, "content.0.value"],
    ["a content of another type", { content: [{ type: "text/calendar", value: "x" }] }, "content.0.type"],
    ["no subject", { subject: undefined }, "subject"],
    ["no from", { from: undefined }, "from"],
    ["two kinds of reply-to", { reply_to: ADA, reply_to_list: [ADA] }, "reply_to_list"],
    ["a reply-to that is no address", { reply_to: { email: "x" } }, "reply_to.email"],
    ["a header that is ours", { headers: { "Content-Type": "x" } }, "headers.Content-Type"],
    ["base64 that is none", { attachments: [{ content: "%", filename: "a" }] }, "attachments.0.content"],
    ["a batch nobody made", { batch_id: "x" }, "batch_id"],
    [
      "a way around the suppression list",
      on("mail_settings", "bypass_list_management"),
      "mail_settings.bypass_list_management",
    ],
    ["a copy to somebody else", on("mail_settings", "bcc"), "mail_settings.bcc"],
    [
      "a link to unsubscribe",
      on("tracking_settings", "subscription_tracking"),
      "tracking_settings.subscription_tracking",
    ],
    ["a time beyond all bounds", { send_at: 1e15 }, "send_at"],
    [
      "values that are too many",
      { personalizations: [{ to: [ADA], substitutions: { a: "x".repeat(10_000) } }] },
      "personalizations.0.substitutions",
    ],
  ];
  for (const [what, change, field] of broken) {
    test(`are told where it stands: ${what}`, async () => {
      const error = await errorOf(
        sendgrid.request({ method: "POST", url: "/v3/mail/send", body: { ...BODY, ...change } }),
      );
      assert.deepEqual([error.status, error.field], [400, field]);
      assert.equal(compat.port.submissions.length, 0);
    });
  }

  test("in sandbox mode all is checked and nothing is sent", async () => {
    const [response] = await mail.send({ ...MAIL, mailSettings: { sandboxMode: { enable: true } } });
    assert.equal(response.statusCode, 200);
    assert.equal(compat.port.submissions.length, 0);
  });

  test("a message that is refused after others went says how many did", async () => {
    compat.port.answers.push(null, refusal("queue-full", 503, 30));
    const error = await errorOf(mail.sendMultiple({ ...MAIL }));
    assert.match(error.message, /The first 1 personalizations were taken/);
  });
});

describe("substitutions", () => {
  const sent = async (body: object): Promise<string> => {
    await sendgrid.request({ method: "POST", url: "/v3/mail/send", body: { ...BODY, ...body } });
    return compat.port.submissions.at(-1)!.raw.toString();
  };

  test("are written as their place demands", async () => {
    const raw = await sent({
      subject: "For -name-",
      content: [{ type: "text/html", value: "<b title='-name-'>-name-</b>" }],
      personalizations: [{ to: [ADA], substitutions: { "-name-": "<i>'Ada'" } }],
    });
    assert.match(raw, /\r\nSubject: For <i>'Ada'\r\n/);
    assert.ok(!raw.includes("<i>'Ada'</b>"));
  });

  test("stand in sections, which a substitution may choose", async () => {
    const raw = await sent({
      content: [{ type: "text/plain", value: "-which- %end%" }],
      sections: { ":a": "Hello -name-", "%end%": "Bye -name-" },
      personalizations: [{ to: [ADA], substitutions: { "-which-": ":a", "-name-": "Ada" } }],
    });
    assert.match(raw, /Hello Ada Bye Ada/);
  });

  test("and sections cannot make a message grow without bounds", async () => {
    const error = await errorOf(
      sent({
        content: [{ type: "text/plain", value: "-s-".repeat(10_000) }],
        sections: { ":s": "x".repeat(100_000) },
        personalizations: [{ to: [ADA], substitutions: { "-s-": ":s" } }],
      }),
    );
    assert.equal(error.field, "sections");
  });
});

describe("a template that was brought along", () => {
  test("is found by the id it had at SendGrid, given as its alias", async () => {
    const sources = { subject: "Hi {{name}}", html: "<p>{{name}}</p>", text: null };
    await compat.templates.put(
      "acme",
      { name: "welcome" },
      { dialect: "handlebars", aliases: ["d-0123456789abcdef0123456789abcdef"], publish: true, ...sources },
    );
    await mail.send({
      from: "app@acme.test",
      to: "ada@example.com",
      templateId: "d-0123456789abcdef0123456789abcdef",
      dynamicTemplateData: { name: "Ada" },
      hideWarnings: true,
    });
    assert.match(compat.port.submissions[0]!.raw.toString(), /\r\nSubject: Hi Ada\r\n/);
    const personalizations = [{ to: [ADA], substitutions: { a: "b" } }];
    const template_id = "d-0123456789abcdef0123456789abcdef";
    const both = sendgrid.request({
      method: "POST",
      url: "/v3/mail/send",
      body: { ...BODY, template_id, personalizations },
    });
    assert.equal((await errorOf(both)).message, "Substitutions may not be used with dynamic templating");
  });
});
