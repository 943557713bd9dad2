import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { type CompatDoor, compatDoor } from "../../../../test/support/compat-door.ts";
import { API_KEY, OTHER_API_KEY, refusal } from "../../../../test/support/http-door.ts";
import { registerMandrill } from "./index.ts";

let port: CompatDoor["port"];
let door: CompatDoor["door"];
before(async () => {
  ({ port, door } = await compatDoor(registerMandrill));
});
after(() => door.stop());
afterEach(() => {
  port.submissions.length = 0;
  port.answers.length = 0;
});

type Answer = { status: string; name?: string; message?: string; reject_reason?: string }[] &
  Record<string, string | undefined>;
async function call(method: string, body: Record<string, unknown>, key = API_KEY): Promise<Answer> {
  const response = await fetch(`${door.url}/api/1.3/${method}.json`, {
    method: "POST",
    body: JSON.stringify({ key, ...body }),
  });
  return (await response.json()) as Answer;
}
const MESSAGE = { from_email: "app@acme.test", to: [{ email: "ada@example.com" }], subject: "Hello", text: "Hi" };
const send = (change: object): Promise<Answer> => call("messages/send", { message: { ...MESSAGE, ...change } });
const raws = (): string[] => port.submissions.map(({ raw }) => raw.toString());

describe("merging", () => {
  test("asks for nothing: merge tags stay as they are", async () => {
    await send({ text: "*|NAME|* {{name}}" });
    assert.match(raws()[0]!, /\*\|NAME\|\* \{\{name\}\}/);
  });

  test("a value cannot become markup, a header field or another address", async () => {
    await send({
      html: "<p>*|X|*</p>",
      subject: "For *|X|*",
      headers: { "X-For": "*|X|*" },
      global_merge_vars: [{ name: "X", content: "<b>\r\nBcc: eve@evil.test" }],
    });
    const [raw] = raws();
    assert.match(raw!, /<p>&lt;b&gt;/);
    assert.doesNotMatch(raw!.slice(0, raw!.indexOf("\r\n\r\n")), /^Bcc:/m);
    assert.deepEqual(
      port.submissions[0]!.envelope.recipients.map(({ mailbox }) => mailbox.address),
      ["ada@example.com"],
    );
  });

  test("nothing is sent to anybody where one recipient's values cannot be used", async () => {
    const answer = await send({
      html: "<i style='color: *|C|*'>x</i>",
      to: [{ email: "ada@example.com" }, { email: "bob@example.com" }],
      global_merge_vars: [{ name: "c", content: "red" }],
      merge_vars: [{ rcpt: "bob@example.com", vars: [{ name: "C", content: "url(javascript:1)" }] }],
    });
    assert.equal(answer.name, "ValidationError");
    assert.equal(port.submissions.length, 0);
  });

  test("a variable's name does not begin with an underscore, and one of a prototype is a name", async () => {
    assert.equal((await send({ global_merge_vars: [{ name: "_x", content: "1" }] })).name, "ValidationError");
    await send({ text: "(*|CONSTRUCTOR|*)", global_merge_vars: [{ name: "y", content: "1" }] });
    assert.match(raws()[0]!, /\r\n\r\n\(\)/);
  });

  test("secrets go out with nothing printed as HTML, and with links to the tenant's own domains alone", async () => {
    const secret = { headers: { "X-Postern-Stream": "security" }, merge: true };
    assert.equal((await send({ ...secret, html: "<p>*|HTML:X|*</p>" })).name, "ValidationError");
    const link = (href: string) => ({
      ...secret,
      html: "<a href='*|L|*'>x</a>",
      global_merge_vars: [{ name: "L", content: href }],
    });
    assert.equal((await send(link("https://evil.example/"))).name, "ValidationError");
    assert.equal((await send(link("https://my.acme.test/"))).name, undefined);
    assert.equal(port.submissions.length, 1);
  });
});

test("a NUL is refused wherever it stands, and a text that only speaks of one is not", async () => {
  for (const method of ["rejects/delete", "rejects/list", "templates/info", "messages/search"]) {
    const nul = "x\0@example.com";
    assert.equal((await call(method, { email: nul, name: nul, query: nul })).name, "ValidationError", method);
  }
  assert.equal((await send({ text: "\\u0000" })).name, undefined);
});

describe("results", () => {
  const several = { to: ["a", "b", "c"].map((name) => ({ email: `${name}@example.com` })) };

  test("a refusal that comes when others were taken is that recipient's", async () => {
    port.answers.push(null, refusal("intake-busy", 503, 1), null);
    const answer = await send(several);
    assert.deepEqual(
      answer.map((one) => [one.status, one.reject_reason]),
      [
        ["queued", null],
        ["rejected", "rule"],
        ["queued", null],
      ],
    );
  });

  test("a refusal of all is an error of the call", async () => {
    port.answers.push(...Array.from({ length: 3 }, () => refusal("send-at-too-far", 422)));
    assert.equal((await send(several)).name, "ValidationError");
  });

  test("more recipients than one group of commits keep their order", async () => {
    const to = Array.from({ length: 120 }, (_, n) => ({ email: n === 60 ? "nobody" : `n${n}@example.com` }));
    const answer = await send({ to });
    assert.deepEqual(
      answer.map((one) => (one as { email?: string }).email),
      to.map(({ email }) => email),
    );
    assert.equal(answer[60]!.status, "invalid");
    assert.equal(port.submissions.length, 119);
  });
});

describe("templates", () => {
  test("of another tenant are not there", async () => {
    const added = await call("templates/add", { name: "Mine", code: "<p>x</p>" });
    assert.equal(added["slug"], "mine");
    for (const method of ["info", "update", "publish", "delete", "time-series"]) {
      assert.equal((await call(`templates/${method}`, { name: "mine" }, OTHER_API_KEY)).name, "Unknown_Template");
    }
    const sent = { template_name: "mine", message: MESSAGE };
    assert.equal((await call("messages/send-template", sent, OTHER_API_KEY)).name, "Unknown_Template");
    assert.deepEqual(await call("templates/list", {}, OTHER_API_KEY), []);
    await call("templates/delete", { name: "mine" });
  });

  test("that take content in their regions take none in secrets, and without it are sent", async () => {
    await call("templates/add", { name: "Reset", code: "<p mc:edit='x'>*|CODE|*</p>", subject: "Code" });
    const message = { ...MESSAGE, headers: { "X-Postern-Stream": "security" }, text: null };
    const content = [{ name: "x", content: "<b>y</b>" }];
    const refused = await call("messages/send-template", {
      template_name: "reset",
      template_content: content,
      message,
    });
    assert.match(refused.message!, /not supported by this server \(Postern\)/);
    const [sent] = await call("messages/send-template", { template_name: "reset", template_content: [], message });
    assert.equal(sent!.status, "queued");
  });

  test("a draft does not change the language of what goes out", async () => {
    await call("templates/add", { name: "Tongue", code: "<p>{{x}}</p>" });
    const change = { name: "tongue", code: "<p>*|X|*</p>" };
    assert.equal((await call("templates/update", { ...change, publish: false })).name, "Invalid_Template");
    assert.equal((await call("templates/update", change))["publish_code"], change.code);
  });
});

describe("messages/send-raw", () => {
  const raw = (fields: string) => `From: app@acme.test\nTo: ada@example.com\n${fields}Subject: x\n\nHi\n`;
  const sendRaw = (fields: string, more: object = {}) =>
    call("messages/send-raw", { raw_message: raw(fields), ...more });

  test("obeys orders in the message or refuses them by name, and sends none on", async () => {
    await sendRaw("X-MC-Track: opens\nX-MC-InlineCSS: false\nX-MC-BccAddress: log@acme.test\nX-MC-Important: true\n");
    assert.doesNotMatch(raws()[0]!, /X-MC-/i);
    assert.match(raws()[0]!, /\r\nImportance: high\r\n/);
    assert.equal(port.submissions[0]!.envelope.recipients.length, 2);
    for (const field of ["X-MC-Template: a|b\n", 'X-MC-MergeVars: {"a":1}\n', "X-MC-InlineCSS: true\n"]) {
      assert.match((await sendRaw(field)).message!, /x-mc-/);
    }
    assert.equal((await sendRaw("X-MC-Metadata: nonsense\n")).name, "ValidationError");
    assert.equal((await sendRaw("X-MC-SendAt: soon\n")).name, "ValidationError");
    assert.equal(port.submissions.length, 1);
  });

  test("never lets a name write a field of its own", async () => {
    assert.equal((await sendRaw("", { from_name: "x\r\nBcc: eve@evil.test" })).name, "ValidationError");
    await sendRaw("", { from_name: "Äcme, Inc." });
    assert.match(raws()[0]!, /\r\nFrom: =\?UTF-8\?B\?\S+\?= <app@acme\.test>\r\n/);
    assert.equal(raws()[0]!.match(/^From:/gm)!.length, 1);
  });
});
