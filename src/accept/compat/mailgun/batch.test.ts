import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import Mailgun from "mailgun.js";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { API_KEY, OTHER_API_KEY, refusal } from "../../../../test/support/http-door.ts";
import { registerSendGrid } from "../sendgrid/index.ts";
import { registerMailgun } from "./index.ts";

let compat: CompatDoor;
const clientWith = (key: string) => new Mailgun(FormData).client({ username: "api", key, url: compat.door.url });
const basic = (key: string): string => `Basic ${Buffer.from(`api:${key}`).toString("base64")}`;
before(async () => {
  compat = await compatDoor((server, parts) => {
    registerMailgun(server, parts);
    registerSendGrid(server, parts);
  });
});
after(() => compat.door.stop());
afterEach(() => {
  compat.port.submissions.length = 0;
  compat.port.answers.length = 0;
});

const BATCH = {
  from: "app@acme.test",
  to: ["Ada <ada@example.com>", "bob@example.com", "ADA@example.com"],
  subject: "Hi %recipient.name%",
  html: "<p>Hi %recipient.name%</p>",
  "recipient-variables": JSON.stringify({
    "ada@example.com": { name: "<b>Ada</b>" },
    "bob@example.com": { name: "Bob" },
  }),
};
const send = (more: object = {}) => clientWith(API_KEY).messages.create("acme.test", { ...BATCH, ...more });
const errorOf = async (call: Promise<unknown>) =>
  call.then(
    () => assert.fail("was taken"),
    (error: { status: number; details: string }) => error,
  );

describe("a batch", () => {
  test("is a message to each, who is named twice gets one, and values are no markup", async () => {
    const { id } = await send();
    const [ada, bob, ...others] = compat.port.submissions;
    assert.equal(others.length, 0);
    assert.deepEqual(
      [ada, bob].map((one) => one!.envelope.recipients.map(({ mailbox }) => mailbox.address)),
      [["ada@example.com"], ["bob@example.com"]],
    );
    const [toAda, toBob] = [ada!.raw.toString(), bob!.raw.toString()];
    assert.match(toAda, /&lt;b&gt;Ada/);
    assert.match(toBob, /^Subject: Hi Bob\r$/m);
    assert.ok([toAda, toBob].every((raw) => raw.includes(`Message-ID: ${id}\r\n`)));
  });

  test("goes to nobody where it cannot go to one of them", async () => {
    const wrong = await errorOf(send({ to: [...BATCH.to, "nobody"] }));
    assert.equal(wrong.status, 400);
    const injected = { "ada@example.com": { name: "Ada" }, "bob@example.com": { name: "Bob\r\nBcc: eve@evil.test" } };
    const headers = { "h:X-Name": "%recipient.name%", "recipient-variables": JSON.stringify(injected) };
    assert.equal((await errorOf(send(headers))).status, 400);
    assert.equal(compat.port.submissions.length, 0);
  });

  test("says how far it got where intake closes in its middle", async () => {
    compat.port.answers.push(null, refusal("disk-low", 503, 30));
    const { status, details } = await errorOf(send());
    assert.equal(status, 503);
    assert.match(details, /The first 1 of 2 recipients are queued/);
    assert.equal(compat.port.submissions.length, 1);
  });

  test("fills the values of a stored template, which escapes them", async () => {
    const client = clientWith(API_KEY);
    await client.domains.domainTemplates.create("acme.test", {
      name: "Hello",
      description: "",
      template: "<p>{{greeting}}, number %recipient.id%</p>",
    });
    const { html: _, ...mail } = BATCH;
    await client.messages.create("acme.test", {
      ...mail,
      to: "ada@example.com",
      template: "hello",
      "t:variables": JSON.stringify({ greeting: "Hi %recipient.name%" }),
      "recipient-variables": JSON.stringify({ "ada@example.com": { name: "<Ada>", id: 7 } }),
    });
    assert.match(compat.port.submissions[0]!.raw.toString(), /<p>Hi &lt;Ada&gt;, number 7<\/p>/);
  });
});

describe("paths", () => {
  const ask = (method: string, path: string, authorization: string) =>
    fetch(`${compat.door.url}${path}`, { method, headers: authorization === "" ? {} : { authorization } });

  test("of another tenant are not found, as those of nobody are", async () => {
    for (const [method, path] of [
      ["POST", "/v3/acme.test/messages"],
      ["GET", "/v3/acme.test/events"],
      ["GET", "/v3/acme.test/templates/hello"],
      ["GET", "/v3/acme.test/bounces"],
      ["DELETE", "/v3/acme.test/envelopes"],
      ["GET", "/v4/domains/acme.test"],
      ["GET", "/v3/domains/acme.test/webhooks"],
    ] as const) {
      const answer = await ask(method, path, basic(OTHER_API_KEY));
      assert.equal(answer.status, 404, path);
      assert.deepEqual(await answer.json(), { message: "Domain not found" }, path);
    }
  });

  test("are nobody's without a key, and SendGrid's stay SendGrid's", async () => {
    assert.equal(await (await ask("POST", "/v3/acme.test/messages", "")).text(), "Forbidden");
    assert.equal(await (await ask("GET", "/v3/acme.test/events", basic("wrong"))).text(), "Forbidden");
    for (const path of ["/v3/templates", "/v3/suppression/bounces", "/v3/asm/groups", "/v3/ips", "/v3/stats"]) {
      const answer = await ask("GET", path, `Bearer ${API_KEY}`);
      assert.ok(!(await answer.text()).includes("Forbidden"), path);
    }
    assert.equal((await ask("GET", "/v3/acme.test/bounces", basic(API_KEY))).status, 200);
  });

  test("nobody knows are refused by name", async () => {
    const answer = await ask("GET", "/v3/acme.test/tags", basic(API_KEY));
    assert.match(((await answer.json()) as { message: string }).message, /not supported by this server \(Postern\)/);
  });
});
