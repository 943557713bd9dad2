import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { apiSettings } from "../../../test/contract/api-contract.ts";
import { someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import type { ApiProviderSettings } from "../../config/index.ts";
import { type AttemptId, Secret, silentLog, systemClock } from "../../kernel/index.ts";
import { type RunningTwin, startTwin } from "../../lab/twins/index.ts";
import type { PostureItem } from "../account.ts";
import type { Provider } from "../provider.ts";
import { mandrillProvider } from "./index.ts";

const ATTEMPT = "attempt-1" as AttemptId;
const NEVER = new AbortController().signal;

async function start(
  context: TestContext,
  change: (twin: RunningTwin) => Partial<ApiProviderSettings> = () => ({}),
): Promise<[RunningTwin, Provider]> {
  const twin = await startTwin("mandrill", { clock: systemClock, log: silentLog });
  context.after(() => twin.stop());
  const settings = apiSettings(twin, change(twin));
  const provider = mandrillProvider(settings, { clock: systemClock, log: silentLog, hostname: "postern.example" });
  context.after(() => provider.close());
  return [twin, provider];
}
async function stateOf(provider: Provider): Promise<string> {
  const asked = await provider.status!();
  return asked.kind === "answer" ? asked.value.state : asked.reason;
}
async function postureOf(provider: Provider): Promise<PostureItem[]> {
  const asked = await provider.posture!();
  assert.ok(asked.kind === "answer", JSON.stringify(asked));
  return asked.value;
}

test("status: active, and limited once mail piles up", async (context) => {
  const [twin, provider] = await start(context);
  assert.equal(await stateOf(provider), "active");
  twin.setFault({ mode: "suspended" });
  await provider.handOff(someHandoff(1), NEVER);
  assert.equal(await stateOf(provider), "limited");
});

test("status: of a subaccount that is paused or gone, suspended", async (context) => {
  const [twin, provider] = await start(context, () => ({ channel: "cust" }));
  assert.equal(await stateOf(provider), "suspended");
  const thing = { id: "subaccount cust", what: "subaccount", name: "cust", status: "active" };
  twin.account.put("setting", thing);
  assert.equal(await stateOf(provider), "active");
  thing.status = "paused";
  assert.equal(await stateOf(provider), "suspended");
  thing.status = "dancing";
  assert.equal(await stateOf(provider), "unknown");
});

test("status: a key that is refused is an answer that cannot be had, under its name", async (context) => {
  const [, provider] = await start(context, () => ({ readKey: new Secret("wrong") }));
  assert.equal(await stateOf(provider), "users/info: Invalid_Key");
});

test("everything but the hand-off is asked with the key that may only read", async (context) => {
  const [, provider] = await start(context, (twin) => ({ readKey: new Secret(twin.readKey) }));
  assert.equal((await provider.handOff(someHandoff(1), NEVER)).recipients[0]?.kind, "accepted");
  assert.equal(await stateOf(provider), "active");
  assert.equal(await provider.lookup!(ATTEMPT), "taken");
  assert.ok((await postureOf(provider)).length > 0);
});

test("lookup: what is queued at a suspended account is not known to be lost", async (context) => {
  const [twin, provider] = await start(context);
  assert.equal(await provider.lookup!(ATTEMPT), "unknown");
  twin.setFault({ mode: "suspended" });
  await provider.handOff(someHandoff(1), NEVER);
  assert.equal(await provider.lookup!(ATTEMPT), "unavailable");
  twin.setFault({ mode: "ok" });
  await twin.releaseHeld();
  assert.equal(await provider.lookup!(ATTEMPT), "taken");
});

test("lookup: without the index over our ids not finding means nothing", async (context) => {
  const [twin, provider] = await start(context);
  twin.account.things("setting").clear();
  assert.equal(await provider.lookup!(ATTEMPT), "unavailable");
});

test("lookup: an attempt that was refused was not taken", async (context) => {
  const [twin, provider] = await start(context);
  twin.setFault({ mode: "refusal", name: "rejected rule" });
  await provider.handOff(someHandoff(1), NEVER);
  assert.equal(await provider.lookup!(ATTEMPT), "unknown");
});

test("lookup: an id that only begins like one is another, and one with quotes ends no phrase", async (context) => {
  const [, provider] = await start(context);
  await provider.handOff(someHandoff(1, { attemptId: "attempt-12" as AttemptId }), NEVER);
  assert.equal(await provider.lookup!(ATTEMPT), "unknown");
  assert.equal(await provider.lookup!('" OR state:"sent' as AttemptId), "unknown");
});

test("searches: the twenty-first in a minute is not sent", async (context) => {
  const [, provider] = await start(context);
  const query = { sinceMs: 0, limit: 1 };
  for (let n = 0; n < 20; n++) assert.equal((await provider.activity!(query)).kind, "answer");
  assert.equal((await provider.activity!(query)).kind, "unavailable");
  assert.equal(await provider.lookup!(ATTEMPT), "unavailable");
});

test("activity: by recipient and by attempt, and only since then", async (context) => {
  const [, provider] = await start(context);
  await provider.handOff(someHandoff(2), NEVER);
  const found = async (query: { attemptId?: string; recipient?: string; sinceMs?: number }) => {
    const asked = await provider.activity!({ sinceMs: 0, limit: 100, ...query });
    return asked.kind === "answer" ? asked.value.length : asked.reason;
  };
  assert.equal(await found({ recipient: "RCPT1@example.net" }), 0, "the twin compares capitals; Mandrill may not");
  assert.equal(await found({ recipient: "rcpt1@example.net" }), 1);
  assert.equal(await found({ attemptId: ATTEMPT }), 2);
  assert.equal(await found({ sinceMs: systemClock.now() + 60_000 }), 0);
});

test("more than ten recipients: ten go, the others are left for a try of their own", async (context) => {
  const [twin, provider] = await start(context);
  const all = Array.from({ length: 12 }, (_, n) => `rcpt${n}@example.net`).join(", ");
  const raw = Buffer.from(`From: news@account.acme.example\r\nTo: ${all}\r\n\r\nHi\r\n`);
  const { recipients } = await provider.handOff(someHandoff(1, { envelope: someEnvelope(12), raw }), NEVER);
  assert.deepEqual(
    recipients.map(({ kind, cause }) => `${kind} ${cause}`),
    [...Array(10).fill("accepted accepted"), ...Array(2).fill("deferred too-many-recipients")],
  );
  assert.equal(twin.account.sent.length, 10);
});

test("posture: secrets in addresses and keys of webhooks are never in it, and their change is", async (context) => {
  const [twin, provider] = await start(context);
  const webhook = { id: "w1", url: "https://user:hunter2@a.example/hook?token=hunter3", auth_key: "hunter4" };
  twin.account.put("webhook", webhook);
  twin.account.put("forwarding", {
    id: "r1",
    domain: "in.acme.example",
    pattern: "*",
    url: "https://a.example/?k=hunter5",
  });
  const texts = [JSON.stringify(await postureOf(provider))];
  assert.doesNotMatch(texts[0]!, /hunter/);
  webhook.auth_key = "another";
  texts.push(JSON.stringify(await postureOf(provider)));
  webhook.url = "https://user:other@a.example/hook?token=hunter3";
  texts.push(JSON.stringify(await postureOf(provider)));
  assert.equal(new Set(texts).size, 3);
});

test("posture: entries of the lists are counted, their addresses are not kept", async (context) => {
  const [twin, provider] = await start(context);
  twin.account.put("suppression", { id: "bounced@example.net", reason: "hard-bounce" });
  const before = JSON.stringify(await postureOf(provider));
  twin.insider.suppress("victim@example.net");
  const after = JSON.stringify(await postureOf(provider));
  assert.notEqual(after, before);
  assert.doesNotMatch(after, /victim|bounced@/);
});

test("posture: a stranger who tried to send as us shows, though nothing went out", async (context) => {
  const [twin, provider] = await start(context);
  await fetch(`${twin.baseUrl}/api/1.0/messages/send-raw.json`, {
    method: "POST",
    body: JSON.stringify({
      key: twin.apiKey,
      raw_message: "From: ops@arxxwalls.example\r\nTo: a@example.net\r\n\r\nHi\r\n",
    }),
  });
  assert.equal(twin.account.sent.length, 0);
  assert.ok((await postureOf(provider)).some(({ kind, id }) => kind === "sender" && id === "ops@arxxwalls.example"));
});

test("a channel that could end a header field is refused before anything is sent", async (context) => {
  await assert.rejects(
    start(context, () => ({ channel: "cust\r\nX-MC-BccAddress: evil@example.org" })),
    {
      code: "provider-misconfigured",
    },
  );
});
