import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { ServerClient } from "postmark";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { API_KEY, refusal } from "../../../../test/support/http-door.ts";
import { STORY } from "../../../../test/support/message-story.ts";
import { TEST_TENANT } from "../../../../test/support/mail-path.ts";
import { tenantsOf } from "../../../tenancy/index.ts";
import { addressList } from "../address-list.ts";
import type { CompatParts } from "../compat.ts";
import { isFault } from "./dialect.ts";
import { turnsInBatch } from "../../../../test/support/turns-in-batch.ts";
import { registerPostmark } from "./index.ts";
import { withTemplate } from "./with-template.ts";

let compat: CompatDoor;
const clientWith = (token: string): ServerClient =>
  new ServerClient(token, { useHttps: false, requestHost: new URL(compat.door.url).host });
let postmark: ServerClient;
before(async () => {
  compat = await compatDoor(registerPostmark);
  postmark = clientWith(API_KEY);
});
after(() => compat.door.stop());
afterEach(() => {
  compat.port.submissions.length = 0;
  compat.port.closed = null;
});

const EMAIL = {
  From: "Acme <app@acme.test>",
  To: '"Lovelace, Ada" <ada@example.com>, bob@example.com',
  Subject: "Hello",
  TextBody: "Hi",
  HtmlBody: "<p>Hi</p>",
  ReplyTo: "help@acme.test",
  Tag: "welcome",
  Metadata: { user: "7" },
  Headers: [{ Name: "X-Own", Value: "1" }],
  Attachments: [
    { Name: "a.pdf", Content: Buffer.from("pdf").toString("base64"), ContentType: "application/pdf", ContentID: null },
  ],
};
const errorOf = async (call: Promise<unknown>) =>
  call.then(
    () => assert.fail("was taken"),
    (error: { statusCode: number; code: number; message: string }) => error,
  );

describe("the official client of Postmark", () => {
  test("sends, and gets the id of the message", async () => {
    const answer = await postmark.sendEmail(EMAIL);
    assert.deepEqual([answer.ErrorCode, answer.Message, answer.To], [0, "OK", EMAIL.To]);
    assert.match(answer.MessageID, /^[0-9a-f-]{36}$/);
    const [submission] = compat.port.submissions;
    assert.deepEqual(
      submission!.envelope.recipients.map((one) => one.mailbox.address),
      ["ada@example.com", "bob@example.com"],
    );
    assert.deepEqual(submission!.tags, { welcome: "", user: "7" });
    assert.match(submission!.raw.toString(), /\r\nX-Own: 1\r\n/);
  });

  test("sends a batch, each email with an answer of its own", async () => {
    const answers = await postmark.sendEmailBatch([EMAIL, { ...EMAIL, To: "nobody" }]);
    assert.deepEqual(
      answers.map((one) => one.ErrorCode),
      [0, 300],
    );
    assert.equal(compat.port.submissions.length, 1);
  });

  test("reads what became of a message", async () => {
    compat.story.found = STORY;
    assert.equal((await postmark.getOutboundMessageDetails(STORY.spoolId)).MessageID, STORY.spoolId);
    compat.story.found = null;
    assert.equal((await errorOf(postmark.getOutboundMessageDetails(STORY.spoolId))).code, 701);
  });

  test("is told the dialect's own errors", async () => {
    assert.deepEqual(
      await errorOf(clientWith("wrong").sendEmail(EMAIL)).then((e) => [e.statusCode, e.code]),
      [401, 10],
    );
    compat.port.answers.push(refusal("author-not-allowed", 403));
    assert.equal((await errorOf(postmark.sendEmail(EMAIL))).code, 400);
    compat.port.closed = refusal("disk-low", 503, 30);
    assert.equal((await errorOf(postmark.sendEmail(EMAIL))).statusCode, 503);
    compat.port.closed = null;
    const templated = { From: EMAIL.From, To: "ada@example.com", TemplateAlias: "x", TemplateModel: {} };
    assert.match((await errorOf(postmark.sendEmailWithTemplate(templated))).message, /was not found/);
  });

  test("cannot put a line break into a header", async () => {
    assert.equal((await errorOf(postmark.sendEmail({ ...EMAIL, Subject: "Hi\r\nBcc: eve@evil.test" }))).code, 300);
    assert.equal(compat.port.submissions.length, 0);
  });
});

test("a list is parted by its commas, except within quotes", () => {
  assert.deepEqual(addressList('"A, B" <a@x.test>, b@x.test ,'), ['"A, B" <a@x.test>', "b@x.test"]);
  assert.deepEqual(addressList(null), []);
});

test("a template is held to the rules of the stream its message goes to, also where that has another name there", async () => {
  const who = { tenant: TEST_TENANT.name, credential: "app" };
  const rendered = async (defaultStream: string, MessageStream?: string) => {
    const tenants = tenantsOf([{ ...TEST_TENANT, defaultStream }]);
    const email = { From: "a@acme.test", HtmlBody: "{{{ code }}}", TemplateModel: { code: "<b>1</b>" }, MessageStream };
    return withTemplate(email, who, { tenants } as CompatParts);
  };
  for (const name of [undefined, "outbound", "security", "nowhere"])
    assert.ok(isFault(await rendered("security", name)), name);
  for (const name of [undefined, "outbound", "alerts"]) assert.ok(!isFault(await rendered("alerts", name)), name);
});

test("lists of ten thousand are read one after another", async (context) => {
  let atOnce = 0;
  let most = 0;
  const read = async <Page>(page: Page): Promise<Page> => {
    most = Math.max(most, (atOnce += 1));
    await new Promise(setImmediate);
    atOnce -= 1;
    return page;
  };
  const busy = await compatDoor((server, parts) => {
    const events = () => read({ events: [], next: null });
    registerPostmark(server, {
      ...parts,
      stories: { ...parts.stories, events, list: () => read({ messages: [], next: null }) },
    });
  });
  context.after(() => busy.door.stop());
  const paths = ["/messages/outbound?count=1&offset=9000", "/messages/outbound/opens", "/bounces", "/deliverystats"];
  const answers = await Promise.all(
    [...paths, ...paths].map((path) =>
      fetch(`${busy.door.url}${path}`, { headers: { "x-postmark-server-token": API_KEY } }),
    ),
  );
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(most, 1);
});

test("while the emails of a bulk request are read, others are served", async () => {
  const { HtmlBody, To: _, ...rest } = EMAIL;
  const Messages = Array.from({ length: 50 }, () => ({ To: "ada@example.com", TemplateModel: { n: 1 } }));
  const { turns, answer, submissions } = await turnsInBatch(registerPostmark, (url) =>
    fetch(`${url}/email/bulk`, {
      method: "POST",
      headers: { "x-postmark-server-token": API_KEY, "content-type": "application/json" },
      body: JSON.stringify({ ...rest, HtmlBody: `${HtmlBody}{{n}}`, Messages }),
    }),
  );
  assert.equal(answer.status, 200);
  assert.ok(turns >= 50, `${turns} turns`);
  assert.equal(submissions.filter(({ raw }) => raw.includes("a.pdf")).length, 50, "each with its attachment");
});
