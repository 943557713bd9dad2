import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import Mailgun from "mailgun.js";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { type RunningTwin, startTwin } from "./index.ts";
import { noticesOf } from "./notices-for-tests.ts";

type Client = ReturnType<InstanceType<typeof Mailgun>["client"]>;

/** The official client, unmodified, against the twin: what it says and understands is what Mailgun's dialect is. */
async function twinFor(
  context: TestContext,
  key?: string,
): Promise<{ twin: RunningTwin; client: Client; domain: string }> {
  const twin = await startTwin("mailgun", { clock: systemClock, log: silentLog });
  context.after(() => twin.stop());
  const options = { username: "api", key: key ?? twin.apiKey, url: twin.baseUrl };
  return { twin, client: new Mailgun(FormData).client(options), domain: twin.domain };
}

const LETTER = {
  from: "Acme <news@account.acme.example>",
  to: ["ada@example.net"],
  subject: "Hello",
  text: "Good day",
  "v:postern_attempt": "a1",
  "v:postern_id": "s1",
  "o:tag": ["welcome"],
};
const MIME =
  "From: news@account.acme.example\r\nTo: ada@example.net\r\nMessage-ID: <1@acme.example>\r\nSubject: Raw\r\n\r\nGood day\r\n";

const refusedWith = async (asked: Promise<unknown>): Promise<unknown[]> => {
  const error = (await asked.then(
    () => assert.fail("it was taken"),
    (thrown: unknown) => thrown,
  )) as { status: number; details: string };
  return [error.status, error.details];
};

test("the client sends fields and text, and finds both in the events", async (context) => {
  const { twin, client, domain } = await twinFor(context);
  const answer = await client.messages.create(domain, LETTER);
  assert.equal(answer.message, "Queued. Thank you.");
  const raw = await client.messages.create(domain, { to: LETTER.to, message: Buffer.from(MIME) });
  assert.equal(raw.id, "<1@acme.example>");
  assert.equal(twin.account.sent[1]?.raw?.toString(), MIME);
  assert.match(twin.account.sent[0]?.raw?.toString() ?? "", /Good day/);
  const page = await client.events.get(domain, { event: "accepted", tags: "welcome", ascending: "yes" });
  assert.deepEqual(
    page.items.map((one) => [one.event, one.recipient, one["user-variables"]]),
    [["accepted", "ada@example.net", { postern_attempt: "a1", postern_id: "s1" }]],
  );
  const rest = await client.events.get(domain, { page: page.pages.next.page ?? "" });
  assert.deepEqual(rest.items, [], "pages go on until one is empty");
});

test("the client sees each refusal as the error it has for it", async (context) => {
  const { twin, client, domain } = await twinFor(context);
  const send = (change: Record<string, unknown> = {}) =>
    client.messages.create(domain, { ...LETTER, ...change } as typeof LETTER);
  assert.match(String((await refusedWith(send({ to: ["no address"] })))[1]), /not a valid address/);
  assert.deepEqual((await refusedWith(client.messages.create("other.example", LETTER)))[0], 404);
  for (const variant of twin.dialect.suspensions) {
    twin.setFault({ mode: "suspended", variant });
    const [status, details] = await refusedWith(send());
    assert.equal(status, 403);
    assert.match(String(details), /not allowed to send/);
  }
  twin.setFault({ mode: "429" });
  assert.deepEqual((await refusedWith(send()))[0], 429);
  twin.setFault({ mode: "5xx", taken: false });
  assert.deepEqual((await refusedWith(send()))[0], 500);
  assert.equal(twin.account.sent.length, 0);
  const wrong = new Mailgun(FormData).client({ username: "api", key: "wrong", url: twin.baseUrl });
  assert.deepEqual(await refusedWith(wrong.messages.create(domain, LETTER)), [401, "Forbidden"]);
});

test("the client lists what an account is configured to", async (context) => {
  const { twin, client, domain } = await twinFor(context);
  twin.insider.addWebhook("https://evil.example/hook");
  twin.insider.suppress("victim@example.net");
  twin.account.put("forwarding", {
    id: "r1",
    expression: "catch_all()",
    actions: ['forward("https://evil.example/")'],
  });
  assert.deepEqual(
    (await client.domains.list()).map(({ name, state }) => [name, state]),
    [[domain, "active"]],
  );
  assert.equal((await client.domains.get(domain)).require_tls, true);
  assert.equal((await client.routes.list({}))[0]?.expression, "catch_all()");
  const webhooks = await client.webhooks.list(domain, {});
  assert.deepEqual(Object.keys(webhooks), ["delivered", "permanent_fail"]);
  const unwanted = await client.suppressions.list(domain, "unsubscribes");
  assert.deepEqual(
    unwanted.items.map((one) => ("address" in one ? one.address : null)),
    ["victim@example.net"],
  );
  twin.setFault({ mode: "suspended" });
  assert.equal((await client.domains.list())[0]?.state, "disabled");
});

test("its notices are taken by Postern, forged ones are not, and a duplicate is taken once", async (context) => {
  const { twin, client, domain } = await twinFor(context);
  const notices = await noticesOf(context, twin, "signing-key", () => client.messages.create(domain, LETTER));
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
