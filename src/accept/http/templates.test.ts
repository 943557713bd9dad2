import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OTHER_API_KEY, type TestDoor, problemOf, startTestDoor } from "../../../test/support/http-door.ts";

let door: TestDoor;
before(async () => {
  door = await startTestDoor();
});
after(() => door.stop());

const put = (name: string, body: object) =>
  door.ask(`/v1/templates/${encodeURIComponent(name)}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const RESET = {
  dialect: "handlebars",
  subject: "{{name}}, your link",
  html: '<p>Hi {{name}}</p><a href="{{url}}">Go</a>{{{more}}}',
  text: "{{url}}",
  from: "Acme <a@acme.test>",
};
const to = ["ada@example.com"];
const lastText = () => door.port.submissions.at(-1)!.raw.toString("latin1");

test("a template is kept, read back, listed and removed, by its tenant alone", async () => {
  assert.equal((await put("welcome mail", { ...RESET, labels: ["a"] })).status, 201);
  assert.equal((await put("welcome mail", { subject: "New {{name}}" })).status, 200);
  const read = (await (await door.ask("/v1/templates/welcome%20mail")).json()) as { draft: Record<string, unknown> };
  assert.deepEqual([read.draft["subject"], read.draft["text"], read.draft["number"]], ["New {{name}}", "{{url}}", 2]);
  const page = (await (await door.ask("/v1/templates")).json()) as { templates: { name: string }[] };
  assert.deepEqual(
    page.templates.map((one) => one.name),
    ["welcome mail"],
  );
  const other = { authorization: `Bearer ${OTHER_API_KEY}` };
  const theirs = await fetch(`${door.url}/v1/templates/welcome%20mail`, { headers: other });
  assert.equal((await problemOf(theirs, 404)).code, "template-not-found");
  assert.equal((await door.ask("/v1/templates/welcome%20mail", { method: "DELETE" })).status, 200);
  assert.equal((await problemOf(await door.ask("/v1/templates/welcome%20mail"), 404)).code, "template-not-found");
});

test("what does not compile is refused with the places", async () => {
  const problem = await problemOf(await put("bad", { ...RESET, html: "<p>\n{{> footer}}", text: "{{#if x}}" }), 422);
  assert.equal(problem.code, "template-not-supported");
  assert.deepEqual(
    problem.errors!.map((one) => one.pointer),
    ["/html", "/text"],
  );
  assert.match(problem.errors![0]!.detail, /html, line 2, column 1: .*footer/);
});

test("a message is made of a template and values; its own members win", async () => {
  await put("reset", RESET);
  const template = { name: "reset", data: { name: "Ada <3", url: "https://x.example/?a=1&b=2", more: "<b>!</b>" } };
  assert.equal((await door.post("/v1/messages", { to, template })).status, 202);
  assert.match(lastText(), /From: Acme <a@acme\.test>/);
  assert.match(lastText(), /Subject: Ada <3, your link/);
  assert.match(lastText(), /Hi Ada &lt;3/);
  assert.match(lastText(), /a=3D1&amp;b=3D2/);
  await door.post("/v1/messages", { to, from: "b@acme.test", subject: "Mine", template });
  assert.match(lastText(), /From: b@acme\.test[\s\S]*Subject: Mine/);
  const batch = await door.post("/v1/messages/batch", {
    messages: [
      { to, template },
      { to, template: { name: "none" } },
    ],
  });
  const { results } = (await batch.json()) as { results: { status: string; problem?: { code: string } }[] };
  assert.deepEqual(
    results.map((one) => one.problem?.code ?? one.status),
    ["accepted", "template-not-found"],
  );
  assert.equal(
    (await problemOf(await door.post("/v1/messages", { to, template, text: "x" }), 422)).code,
    "request-invalid",
  );
});

test("a value that breaks a header or an address is not let through", async () => {
  await put("reset", RESET);
  const template = { name: "reset", data: { name: "Ada\r\nBcc: eve@example.com", url: "x" } };
  assert.equal((await door.post("/v1/messages", { to, template })).status, 202);
  assert.match(lastText(), /Subject: Ada Bcc: eve@example\.com, your link/);
  const evil = { name: "reset", data: { name: "A", url: "javascript:alert(1)" } };
  assert.equal(
    (await problemOf(await door.post("/v1/messages", { to, template: evil }), 422)).code,
    "template-value-unusable",
  );
});

test("secrets: nothing as HTML, no address for a name, links to the tenant's domains alone", async () => {
  await put("secret", { ...RESET, html: '<a href="{{url}}">{{name}}</a>' });
  await put("secret-raw", RESET);
  const send = async (name: string, data: object) => {
    const answer = await door.post("/v1/messages", { to, stream: "security", template: { name, data } });
    return answer.status === 202 ? "accepted" : ((await answer.json()) as { code: string }).code;
  };
  const url = "https://app.acme.test/reset?t=1";
  assert.equal(await send("secret", { name: "Ada", url }), "accepted");
  assert.equal(await send("secret", { name: "www.evil.example", url }), "template-name-refused");
  assert.equal(await send("secret", { name: "Ada", url: "https://acme.test.evil.example/" }), "template-link-refused");
  assert.equal(await send("secret", { name: "Ada", url: "http://app.acme.test/" }), "template-link-refused");
  assert.equal(await send("secret-raw", { name: "Ada", url, more: "<b>" }), "template-raw-refused");
  const preview = await door.post("/v1/templates/secret-raw/render", { stream: "security", data: { more: "x" } });
  assert.equal((await problemOf(preview, 422)).code, "template-raw-refused");
});

test("a draft is seen in a preview and does not go out", async () => {
  assert.equal((await put("later", { ...RESET, publish: false })).status, 201);
  const template = { name: "later", data: {} };
  assert.equal((await problemOf(await door.post("/v1/messages", { to, template }), 404)).code, "template-not-found");
  const seen = await door.post("/v1/templates/later/render", { draft: true, data: { name: "Ada" } });
  assert.equal(((await seen.json()) as { subject: string }).subject, "Ada, your link");
});
