import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import client from "@sendgrid/client";
import mail from "@sendgrid/mail";
import PostalMime from "postal-mime";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { type RunningTwin, startTwin } from "./index.ts";

/** The official clients, unmodified, against the twin: what they say and understand is what SendGrid's dialect is. */
async function twinFor(context: TestContext): Promise<RunningTwin> {
  const twin = await startTwin("sendgrid", { clock: systemClock, log: silentLog, apiKey: "SG.lab.key" });
  context.after(() => twin.stop());
  client.setApiKey(twin.apiKey);
  client.setDefaultRequest("baseUrl", twin.baseUrl);
  mail.setClient(client);
  return twin;
}

const LETTER = {
  to: "ada@example.net",
  from: { email: "news@account.acme.example", name: "Acme" },
  subject: "Hello",
  text: "Good day",
  html: "<p>Good day</p>",
};
type Refused = { code: number; response: { body: { errors: { message: string; field: string | null }[] } } };
const refusedWith = async (sending: Promise<unknown>): Promise<[number, string | null | undefined]> => {
  const error = (await sending.then(
    () => assert.fail("it was taken"),
    (thrown: unknown) => thrown,
  )) as Refused;
  return [error.code, error.response.body.errors[0]?.message];
};

test("@sendgrid/mail sends, and gets 202 with an id and no body", async (context) => {
  const twin = await twinFor(context);
  const [response] = await mail.send({ ...LETTER, customArgs: { postern_attempt: "attempt-1" }, categories: ["a"] });
  assert.equal(response.statusCode, 202);
  assert.equal(response.body, "");
  const sent = twin.account.sent[0]!;
  assert.equal((response.headers as Record<string, string>)["x-message-id"], sent.id);
  assert.deepEqual(
    [sent.recipients, sent.metadata, sent.tags],
    [["ada@example.net"], { postern_attempt: "attempt-1" }, ["a"]],
  );
  const read = await PostalMime.parse(sent.raw!);
  assert.deepEqual([read.from?.name, read.subject, read.text?.trim()], ["Acme", "Hello", "Good day"]);
});

test("@sendgrid/mail sends to several at once: one message each, one id", async (context) => {
  const twin = await twinFor(context);
  await mail.sendMultiple({
    ...LETTER,
    to: ["ada@example.net", "bob@example.net"],
    attachments: [{ content: Buffer.from("%PDF").toString("base64"), filename: "bill.pdf", type: "application/pdf" }],
    headers: { "X-Order": "4711" },
    replyTo: "help@account.acme.example",
  });
  assert.deepEqual(
    twin.account.sent.map(({ recipients }) => recipients),
    [["ada@example.net"], ["bob@example.net"]],
  );
  const read = await PostalMime.parse(twin.account.sent[1]!.raw!);
  assert.deepEqual(
    read.to?.map(({ address }) => address),
    ["bob@example.net"],
  );
  assert.equal(read.attachments[0]?.filename, "bill.pdf");
  assert.equal(read.headers.find(({ key }) => key === "x-order")?.value, "4711");
});

test("refusals have the shape @sendgrid/mail reads", async (context) => {
  const twin = await twinFor(context);
  assert.deepEqual(await refusedWith(mail.send({ ...LETTER, to: "no address" })), [
    400,
    "Does not contain a valid address.",
  ]);
  const [code, message] = await refusedWith(mail.send({ ...LETTER, from: "me@elsewhere.example" }));
  assert.deepEqual(
    [code, message?.slice(0, 60)],
    [403, "The from address does not match a verified Sender Identity. "],
  );
  twin.setFault({ mode: "suspended", variant: "credits-exceeded" });
  assert.deepEqual(await refusedWith(mail.send(LETTER)), [401, "Maximum credits exceeded"]);
  twin.setFault({ mode: "ok" });
  client.setApiKey("SG.another.key");
  client.setDefaultRequest("baseUrl", twin.baseUrl);
  assert.deepEqual(await refusedWith(mail.send(LETTER)), [
    401,
    "The provided authorization grant is invalid, expired, or revoked",
  ]);
  assert.equal(twin.account.sent.length, 0);
});

test("sandbox mode looks at everything, answers 200 and sends nothing", async (context) => {
  const twin = await twinFor(context);
  const [response] = await mail.send({ ...LETTER, mailSettings: { sandboxMode: { enable: true } } });
  assert.equal(response.statusCode, 200);
  assert.equal(twin.account.sent.length, 0);
});

test("@sendgrid/client reads and changes the configuration", async (context) => {
  const twin = await twinFor(context);
  const [made, key] = await client.request({ method: "POST", url: "/v3/api_keys", body: { name: "second" } });
  assert.equal(made.statusCode, 201);
  const { api_key_id: id } = key as { api_key_id: string };
  const [, list] = await client.request({ method: "GET", url: "/v3/api_keys" });
  assert.deepEqual(
    (list as { result: { name: string }[] }).result.map(({ name }) => name),
    ["postern", "second"],
  );
  const [gone] = await client.request({ method: "DELETE", url: `/v3/api_keys/${id}` });
  assert.equal(gone.statusCode, 204);
  twin.insider.suppress("victim@example.net");
  const [, bounces] = await client.request({ method: "GET", url: "/v3/suppression/bounces", qs: { limit: 10 } });
  assert.deepEqual(
    (bounces as { email: string }[]).map(({ email }) => email),
    ["victim@example.net"],
  );
  const lifted = await client.request({ method: "DELETE", url: "/v3/suppression/bounces/victim@example.net" });
  assert.equal(lifted[0].statusCode, 204);
});

test("@sendgrid/client finds a message by a custom argument, and its details", async (context) => {
  await twinFor(context);
  await mail.send({ ...LETTER, customArgs: { order: "1" } });
  await mail.send({ ...LETTER, customArgs: { order: "2" } });
  const find = async (query: string) => {
    const [, body] = await client.request({ method: "GET", url: "/v3/messages", qs: { limit: 10, query } });
    return (body as { messages: { msg_id: string; to_email: string }[] }).messages;
  };
  const [found, ...others] = await find(`unique_args['order']="2"`);
  assert.equal(others.length, 0);
  const [, details] = await client.request({ method: "GET", url: `/v3/messages/${found!.msg_id}` });
  assert.deepEqual(JSON.parse((details as { unique_args: string }).unique_args), { order: "2" });
  assert.equal((await find(`to_email="ada@example.net"`)).length, 2);
  assert.deepEqual(await refusedWith(find("no such language")), [400, "invalid query syntax"]);
});

test("@sendgrid/client searches the Email Logs by recipient and time, and reads the custom arguments of what it finds", async (context) => {
  await twinFor(context);
  await mail.send({ ...LETTER, customArgs: { order: "1" } });
  await mail.send({ ...LETTER, to: "bob@example.net", customArgs: { order: "2" } });
  const since = new Date(systemClock.now() - 60_000).toISOString();
  const query = `sg_message_id_created_at >= TIMESTAMP "${since}" AND to_email="bob@example.net"`;
  const [, found] = await client.request({ method: "POST", url: "/v3/logs", body: { query, limit: 5 } });
  const [message, ...others] = (found as { messages: { sg_message_id: string }[] }).messages;
  assert.equal(others.length, 0);
  const [, details] = await client.request({ method: "GET", url: `/v3/logs/${message!.sg_message_id}` });
  assert.deepEqual((details as { custom_args: object }).custom_args, { order: "2" });
  const byArgument = { query: `unique_args['order']="2"` };
  const asked = client.request({ method: "POST", url: "/v3/logs", body: byArgument });
  assert.deepEqual(await refusedWith(asked), [400, "invalid query syntax"]);
});
