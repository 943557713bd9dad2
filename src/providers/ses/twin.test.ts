import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { apiSettings } from "../../../test/contract/api-contract.ts";
import { someHandoff } from "../../../test/contract/provider-contract.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { quickClock } from "../../../test/support/quick-clock.ts";
import { Secret, silentLog, systemClock } from "../../kernel/index.ts";
import { SES_ACCESS_KEY_ID, SES_CONFIGURATION_SET, SES_READ_KEY_ID, sesCertificate } from "../../lab/twins/ses.ts";
import { type NoticeMode, startTwin } from "../../lab/twins/index.ts";
import type { WebhookAnswer, WebhookRequest } from "../events.ts";
import type { PostureItem } from "../account.ts";
import { receiveSes, sesProvider } from "./index.ts";

const TOPIC = "arn:aws:sns:eu-central-1:123456789012:postern-events";

async function started(context: TestContext, clock = systemClock) {
  const twin = await startTwin("ses", { clock: systemClock, log: silentLog, readKey: `${SES_READ_KEY_ID}:reading` });
  const settings = apiSettings(twin, {
    accessKeyId: SES_ACCESS_KEY_ID,
    region: "eu-central-1",
    channel: SES_CONFIGURATION_SET,
    readKey: new Secret(`${SES_READ_KEY_ID}:reading`),
  });
  const provider = sesProvider(settings, { clock, log: silentLog, hostname: "postern.example" });
  context.after(async () => {
    await provider.close();
    await twin.stop();
  });
  return { twin, provider, settings };
}
type Started = Awaited<ReturnType<typeof started>>;
const handOff = ({ provider }: Started) => provider.handOff(someHandoff(1), new AbortController().signal);
const postureOf = async ({ provider }: Started): Promise<PostureItem[]> => {
  const asked = await provider.posture!();
  assert.ok(asked.kind === "answer", asked.kind === "unavailable" ? asked.reason : "");
  return asked.value;
};

/** Where the twin's notices arrive. */
async function mailroom(context: TestContext): Promise<{ url: string; arrived: WebhookRequest[] }> {
  const arrived: WebhookRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      arrived.push({ method: "POST", url: "https://postern.example/ses", headers, body: Buffer.concat(chunks) });
      response.end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  context.after(() => new Promise((closed) => server.close(closed)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, arrived };
}

/** What is made of one message's notices, in turn, by one receiver with its memory of ids. */
async function told(context: TestContext, mode: NoticeMode, count: number): Promise<WebhookAnswer[]> {
  const all = await started(context);
  const { url, arrived } = await mailroom(context);
  all.twin.setNotices(mode, { url, secret: TOPIC });
  await handOff(all);
  await eventually(() => arrived.length === count || null);
  await all.twin.noticesSent();
  const seen = new Set<string>();
  const parts = {
    now: systemClock.now(),
    isNew: (id: string) => !seen.has(id) && seen.add(id) !== undefined,
    certificate: (address: string) => Promise.resolve(sesCertificate(address, systemClock.now())),
  };
  const secrets = { key: null, basic: null, topicArn: TOPIC };
  const answers: WebhookAnswer[] = [];
  for (const request of arrived) answers.push(await receiveSes(request, secrets, parts));
  return answers;
}

test("what is handed off comes back as an event with the attempt's own id", async (context) => {
  const [answer] = await told(context, "normal", 1);
  assert.ok(answer?.kind === "events", JSON.stringify(answer));
  const { attemptId, spoolId } = someHandoff(1);
  assert.deepEqual(
    answer.events.map((event) => [event.type, event.recipient, event.attemptId, event.spoolId]),
    [["delivered", "rcpt0@example.net", attemptId, spoolId]],
  );
});

test("a notice that comes twice counts once, a forged one not at all", async (context) => {
  assert.deepEqual(
    (await told(context, "duplicated", 2)).map(({ kind }) => kind),
    ["events", "refused"],
  );
  assert.deepEqual(
    (await told(context, "forged", 1)).map(({ kind }) => kind),
    ["refused"],
  );
});

test("the key that may only read serves for status and posture, and is never used to send", async (context) => {
  const all = await started(context);
  all.twin.account.readKeys.clear(); // taken back
  assert.equal((await all.provider.status!()).kind, "unavailable");
  assert.equal((await all.provider.posture!()).kind, "unavailable");
  assert.equal((await handOff(all)).recipients[0]?.kind, "accepted");
});

test("status says what the account says", async (context) => {
  const all = await started(context);
  assert.deepEqual(await all.provider.status!(), { kind: "answer", value: { state: "active", detail: "Healthy." } });
  all.twin.setFault({ mode: "suspended" });
  const status = await all.provider.status!();
  assert.equal(status.kind === "answer" && status.value.state, "suspended");
});

test("another account that may send in our name shows in the posture, with who it is", async (context) => {
  const all = await started(context);
  const before = await postureOf(all);
  all.twin.account.put("user", {
    id: "account.acme.example/partner",
    identity: "account.acme.example",
    name: "partner",
    policy: JSON.stringify({
      Statement: [{ Principal: { AWS: ["arn:aws:iam::666666666666:root"] }, Action: "ses:*" }],
    }),
  });
  const added = (await postureOf(all)).filter((item) => !before.some(({ id }) => id === item.id));
  assert.deepEqual(
    added.map(({ kind, id, facts }) => [kind, id, facts["principals"]]),
    [["user", "policy account.acme.example partner", "arn:aws:iam::666666666666:root"]],
  );
});

test("copies of all mail, and tracking, show in the posture", async (context) => {
  const all = await started(context);
  all.twin.account.put("forwarding", { id: SES_CONFIGURATION_SET, arn: "arn:aws:ses:eu-central-1:1:archive/a" });
  all.twin.account.put("webhook", { id: "spy", events: ["OPEN", "CLICK"] });
  const posture = await postureOf(all);
  assert.ok(posture.some(({ kind, id }) => kind === "forwarding" && id === `archive of ${SES_CONFIGURATION_SET}`));
  const tracking = posture.find(({ kind }) => kind === "tracking");
  assert.deepEqual(tracking?.facts, { opens: true, clicks: true });
});

test("a long list is read to its end, page by page, and no recipient's address is kept", async (context) => {
  const all = await started(context);
  for (let n = 0; n < 2_500; n += 1) all.twin.insider.suppress(`victim${n}@example.net`);
  const posture = await postureOf(all);
  const suppressed = posture.filter(({ kind }) => kind === "suppression");
  assert.equal(new Set(suppressed.map(({ id }) => id)).size, 2_500);
  assert.doesNotMatch(JSON.stringify(suppressed), /victim/);
});

test("asked too fast, it waits a second and asks again; for ever it does not", async (context) => {
  const clock = quickClock((ms) => ms !== 1_000);
  const all = await started(context, clock);
  const { answer } = all.twin.dialect;
  let refusals = 0;
  context.after(() => (all.twin.dialect.answer = answer));
  all.twin.dialect.answer = function (request, desk) {
    if (!request.path.endsWith("/account") || refusals === 0) return answer.call(this, request, desk);
    refusals -= 1;
    return {
      status: 429,
      headers: { "x-amzn-errortype": "TooManyRequestsException" },
      body: { message: "Rate exceeded" },
    };
  };
  refusals = 2;
  assert.equal((await all.provider.status!()).kind, "answer");
  assert.deepEqual(clock.waits, [1_000, 1_000]);
  refusals = 100;
  assert.deepEqual(await all.provider.status!(), {
    kind: "unavailable",
    reason: "status 429 TooManyRequestsException",
  });
  refusals = 0;
});

test("settings that no call could work with are said at once", async (context) => {
  const { settings } = await started(context);
  const parts = { clock: systemClock, log: silentLog, hostname: "postern.example" };
  for (const [change, words] of [
    [{ accessKeyId: null }, /accessKeyId/],
    [{ region: null }, /region/],
    [{ region: "eu-central-1/../" }, /region/],
    [{ readKey: new Secret("no colon") }, /readKey/],
  ] as const) {
    assert.throws(() => sesProvider({ ...settings, ...change }, parts), words);
  }
});
