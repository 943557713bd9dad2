import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Resend } from "resend";
import { HOUR_MS, silentLog, systemClock } from "../../kernel/index.ts";
import { type RunningTwin, startTwin } from "./index.ts";
import { noticesOf } from "./notices-for-tests.ts";

/** The official client, unmodified, against the twin: what it says and understands is what Resend's dialect is. */
async function twinFor(context: TestContext): Promise<{ twin: RunningTwin; client: Resend; ahead(ms: number): void }> {
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const twin = await startTwin("resend", { clock, log: silentLog });
  context.after(() => twin.stop());
  return {
    twin,
    client: new Resend(twin.apiKey, { baseUrl: twin.baseUrl }),
    ahead: (ms) => void (aheadMs += ms),
  };
}

const LETTER = {
  from: "Acme <news@account.acme.example>",
  to: ["ada@example.net"],
  subject: "Hello",
  text: "Good day",
  html: "<p>Good day</p>",
  tags: [
    { name: "postern_attempt", value: "a1" },
    { name: "postern_id", value: "s1" },
  ],
};

test("the client sends, alone and in batches, and finds a message by its id", async (context) => {
  const { twin, client } = await twinFor(context);
  const { data } = await client.emails.send({
    ...LETTER,
    cc: "boss@example.net",
    attachments: [{ filename: "a.txt", content: "aGk=" }],
  });
  const sent = twin.account.sent[0];
  assert.equal(data?.id, sent?.id);
  assert.deepEqual(sent?.recipients, ["ada@example.net", "boss@example.net"]);
  const found = await client.emails.get(data?.id ?? "");
  assert.deepEqual([found.data?.subject, found.data?.text, found.data?.tags], ["Hello", "Good day", LETTER.tags]);
  const batch = await client.batch.send([LETTER, LETTER]);
  assert.equal(batch.data?.data.length, 2);
  const list = await client.emails.list({ limit: 2 });
  assert.deepEqual([list.data?.data.length, list.data?.has_more], [2, true]);
});

test("an idempotency key sends once and remembers the answer, for a day and for one payload", async (context) => {
  const { twin, client, ahead } = await twinFor(context);
  const send = (change: object = {}) => client.emails.send({ ...LETTER, ...change }, { idempotencyKey: "k1" });
  const first = await send();
  assert.equal((await send()).data?.id, first.data?.id);
  assert.equal((await send({ subject: "Another" })).error?.name, "invalid_idempotent_request");
  assert.equal(twin.account.sent.length, 1);
  ahead(25 * HOUR_MS);
  assert.notEqual((await send()).data?.id, first.data?.id);
});

test("the client sees each refusal as the error it has for it", async (context) => {
  const { twin, client } = await twinFor(context);
  const nameOf = async (change: object = {}) => (await client.emails.send({ ...LETTER, ...change })).error?.name;
  assert.equal(await nameOf({ subject: "" }), "missing_required_field");
  assert.equal(await nameOf({ to: "no address" }), "validation_error");
  assert.equal(await nameOf({ tags: [{ name: "a b", value: "c" }] }), "validation_error");
  twin.setFault({ mode: "suspended" });
  assert.equal(await nameOf(), "suspended_api_key");
  assert.equal((await client.domains.list()).error?.name, "suspended_api_key");
  twin.setFault({ mode: "429" });
  assert.equal(await nameOf(), "rate_limit_exceeded");
  twin.setFault({ mode: "5xx", taken: false });
  assert.equal(await nameOf(), "application_error");
  assert.equal(
    (await new Resend("re_wrong", { baseUrl: twin.baseUrl }).emails.send(LETTER)).error?.name,
    "invalid_api_key",
  );
  assert.equal(twin.account.sent.length, 0);
});

test("the client lists what an account is configured to", async (context) => {
  const { twin, client } = await twinFor(context);
  twin.insider.addKey("second");
  twin.insider.addWebhook("https://evil.example/hook");
  assert.deepEqual(
    (await client.domains.list()).data?.data.map(({ name, status }) => [name, status]),
    [["account.acme.example", "verified"]],
  );
  assert.deepEqual(
    (await client.apiKeys.list()).data?.data.map(({ name }) => name),
    ["gateway", "second"],
  );
  assert.equal((await client.webhooks.list()).data?.data[0]?.endpoint, "https://evil.example/hook");
  assert.equal((await client.domains.get("none")).error?.name, "not_found");
});

test("its notices are taken by Postern, forged ones are not, and a duplicate is taken once", async (context) => {
  const { twin, client } = await twinFor(context);
  const secret = `whsec_${Buffer.from("a key of thirty-two octets, or so").toString("base64")}`;
  const notices = await noticesOf(context, twin, secret, () => client.emails.send(LETTER));
  const [first] = await notices("normal", 1);
  const [event] = first?.kind === "events" ? first.events : [];
  assert.deepEqual(
    [event?.type, event?.recipient, event?.attemptId, event?.spoolId, event?.providerMessageId],
    ["delivered", "ada@example.net", "a1", "s1", twin.account.sent[0]?.id],
  );
  const kinds = async (...asked: Parameters<typeof notices>) => (await notices(...asked)).map(({ kind }) => kind);
  assert.deepEqual(await kinds("forged", 1), ["refused"]);
  assert.deepEqual(await kinds("duplicated", 2), ["events", "refused"]);
  assert.deepEqual(await kinds("silent", 0), []);
});

test("its signature is the one the client verifies", async (context) => {
  const { twin, client } = await twinFor(context);
  const secret = `whsec_${Buffer.from("a key of thirty-two octets, or so").toString("base64")}`;
  await client.emails.send(LETTER);
  const notice = {
    end: "delivered",
    message: twin.account.sent[0]!,
    recipient: "ada@example.net",
    at: Date.now(),
    id: "1",
  } as const;
  const request = twin.dialect.notice({ ...notice, isForged: false }, { url: "", secret })!;
  const headers = {
    id: request.headers["svix-id"]!,
    timestamp: request.headers["svix-timestamp"]!,
    signature: request.headers["svix-signature"]!,
  };
  const verify = (payload: string) => client.webhooks.verify({ payload, headers, webhookSecret: secret });
  assert.equal((verify(request.body) as { type: string }).type, "email.delivered");
  assert.throws(() => verify(request.body.replace("ada@", "eve@")));
});
