import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { apiSettings, outcomeUnder } from "../../../test/contract/api-contract.ts";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import type { ApiProviderSettings } from "../../config/index.ts";
import { type AttemptId, Secret, silentLog } from "../../kernel/index.ts";
import { startTwin } from "../../lab/twins/index.ts";
import { dismantle } from "../dismantle.ts";
import { postmarkProvider } from "./index.ts";

async function start(context: TestContext, change: Partial<ApiProviderSettings> = {}) {
  const clock = virtualClock();
  const twin = await startTwin("postmark", { clock, log: silentLog });
  const provider = postmarkProvider(apiSettings(twin, change), { clock, log: silentLog, hostname: "postern.example" });
  context.after(async () => {
    await provider.close();
    await twin.stop();
  });
  return { twin, provider, clock };
}
const handOff = async (provider: ReturnType<typeof postmarkProvider>, handoff = someHandoff(1)) =>
  (await provider.handOff(handoff, new AbortController().signal)).recipients;

test("a message arrives with the text, the names and the fields it was given", async (context) => {
  const { twin, provider } = await start(context);
  const raw = Buffer.from(
    [
      "X-Postern-Attempt: 0f",
      'From: "Acme, Inc." <news@account.acme.example>',
      "To: =?utf-8?Q?J=C3=BCrg?= <rcpt0@example.net>",
      "Subject: =?utf-8?B?R3LDvMOfZQ==?=",
      "Message-ID: <m1@account.acme.example>",
      "List-Unsubscribe: <https://acme.example/u>",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "",
      "Grüße\r\n.\r\nEnde\r\n",
    ].join("\r\n"),
  );
  await handOff(provider, someHandoff(1, { raw }));
  const arrived = await dismantle(twin.account.sent[0]!.raw!);
  const given = await dismantle(raw);
  assert.ok(arrived.kind === "parts" && given.kind === "parts");
  for (const part of ["from", "to", "subject", "html"] as const)
    assert.deepEqual(arrived.parts[part], given.parts[part]);
  assert.equal(arrived.parts.text?.trimEnd(), given.parts.text?.trimEnd());
  for (const { name, value } of given.parts.headers) {
    const same: { value: string } | undefined = arrived.parts.headers.find(
      (one) => one.name.toLowerCase() === name.toLowerCase(),
    );
    assert.equal(same?.value, value, name);
  }
});

test("of two recipients the one on its list is left to another provider", async (context) => {
  const { twin, provider } = await start(context);
  twin.insider.suppress("rcpt1@example.net");
  const outcomes = await handOff(provider, someHandoff(2));
  assert.deepEqual(
    outcomes.map(({ kind, scope, cause }) => [kind, scope, cause]),
    [
      ["accepted", "message", "accepted"],
      ["rejected", "account", "recipient-suppressed"],
    ],
  );
  assert.deepEqual(twin.account.sent[0]?.recipients, ["rcpt0@example.net"]);
});

test("a message that needs SMTPUTF8, or has no recipient, is not sent", async (context) => {
  const { twin, provider } = await start(context);
  const envelope = someEnvelope(1, { needsSmtputf8: true });
  assert.equal((await handOff(provider, someHandoff(1, { envelope })))[0]?.cause, "smtputf8-not-supported");
  assert.deepEqual(await handOff(provider, someHandoff(0)), []);
  assert.equal(twin.account.sent.length, 0);
});

test("an empty log is not believed until it had time to show the message", async (context) => {
  const { twin, provider, clock } = await start(context);
  const { attemptId } = someHandoff(1);
  assert.equal(await provider.lookup!(attemptId), "unavailable", "made perhaps right before this start");
  await clock.advance(60_000);
  assert.equal(await provider.lookup!(attemptId), "unknown");
  assert.equal((await outcomeUnder(twin, provider, { mode: "closed", taken: false })).kind, "indeterminate");
  assert.equal(await provider.lookup!(attemptId), "unavailable");
  await clock.advance(30_000);
  assert.equal(await provider.lookup!(attemptId), "unknown");
});

test("a log that answers about other messages proves nothing", async (context) => {
  const { twin, provider, clock } = await start(context);
  await clock.advance(60_000);
  await handOff(provider);
  twin.account.sent[0]!.metadata = { postern_attempt: "asked-for" };
  assert.equal(await provider.lookup!("asked-for" as AttemptId), "taken");
  assert.equal(await provider.lookup!("asked-for-not" as AttemptId), "unknown");
});

test("status: a refused token is a suspension, a queue that stands still a limit, and active is never said", async (context) => {
  const { twin, provider, clock } = await start(context);
  const state = async () => {
    const asked = await provider.status!();
    return asked.kind === "answer" ? asked.value.state : asked.reason;
  };
  assert.equal(await state(), "unknown");
  twin.setFault({ mode: "hold" });
  await handOff(provider);
  assert.equal(await state(), "unknown");
  await clock.advance(11 * 60_000);
  assert.equal(await state(), "limited");
  assert.equal(await twin.releaseHeld(), 1);
  assert.equal(await state(), "unknown");
  twin.account.apiKeys.clear();
  assert.equal(await state(), "suspended");
});

test("a pause in silence looks like success: an OK, and nothing in any list", async (context) => {
  const { twin, provider, clock } = await start(context);
  await clock.advance(60_000);
  assert.equal(
    (await outcomeUnder(twin, provider, { mode: "suspended", variant: "paused-in-silence" })).kind,
    "accepted",
  );
  assert.equal(twin.account.sent[0]?.state, "held");
  assert.equal(await provider.lookup!(someHandoff(1).attemptId), "unknown");
  const activity = await provider.activity!({ sinceMs: 0, limit: 10 });
  assert.deepEqual(activity, { kind: "answer", value: [] });
});

test("without the account's token posture gives the server's kinds, and none of the account's", async (context) => {
  const { provider } = await start(context);
  const asked = await provider.posture!();
  assert.ok(asked.kind === "answer");
  assert.deepEqual([...new Set(asked.value.map(({ kind }) => kind))].toSorted(), [
    "forwarding",
    "key",
    "setting",
    "suppression",
    "tracking",
  ]);
});

test("posture holds no token, no password of a webhook and no address of a suppressed person", async (context) => {
  const { twin, provider } = await start(context, { readKey: new Secret("lab-read-key-of-postmark") });
  twin.insider.addWebhook("https://user:sesame@evil.example/hook?token=sesame");
  twin.insider.suppress("victim@example.net");
  const asked = await provider.posture!();
  const text = JSON.stringify(asked);
  assert.match(text, /evil\.example\/hook/);
  for (const secret of ["sesame", "victim", twin.apiKey, twin.readKey]) assert.ok(!text.includes(secret), secret);
});

test("activity goes page by page and keeps to its question", async (context) => {
  const { twin, provider, clock } = await start(context);
  await handOff(provider);
  await clock.advance(1_000);
  const later = clock.now();
  await handOff(provider, someHandoff(2, { attemptId: "attempt-2" as AttemptId }));
  const attempts = async (query: Parameters<NonNullable<typeof provider.activity>>[0]) => {
    const asked = await provider.activity!(query);
    return asked.kind === "answer" ? asked.value.map(({ attemptId, recipient }) => `${attemptId} ${recipient}`) : [];
  };
  assert.deepEqual(await attempts({ sinceMs: later, limit: 10 }), [
    "attempt-2 rcpt0@example.net",
    "attempt-2 rcpt1@example.net",
  ]);
  assert.deepEqual(await attempts({ sinceMs: 0, limit: 10, recipient: "RCPT1@example.net" }), []);
  assert.deepEqual(await attempts({ sinceMs: 0, limit: 10, recipient: "rcpt1@example.net" }), [
    "attempt-2 rcpt1@example.net",
  ]);
  assert.deepEqual(await attempts({ sinceMs: 0, limit: 1, attemptId: "attempt-1" }), ["attempt-1 rcpt0@example.net"]);
  const message = twin.account.sent[0]!;
  for (let n = 0; n < 600; n += 1) twin.account.sent.push({ ...message, id: `old-${n}` });
  assert.equal((await attempts({ sinceMs: 0, limit: 700 })).length, 603);
});
