import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { LabInbox } from "../inbox.ts";
import { startLabWorld } from "../world.ts";
import type { SentMessage } from "./account.ts";
import { deliverThrough, type RunningTwin, startTwin } from "./index.ts";

/** Faults are the same for every vendor; Postmark's dialect speaks here for all. */
async function twinFor(
  context: TestContext,
  parts: Partial<Parameters<typeof startTwin>[1]> = {},
): Promise<RunningTwin> {
  const twin = await startTwin("postmark", { clock: systemClock, log: silentLog, ...parts });
  context.after(() => twin.stop());
  return twin;
}
const send = (twin: RunningTwin, to = "ada@example.net") =>
  fetch(`${twin.baseUrl}/email`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-postmark-server-token": twin.apiKey },
    body: JSON.stringify({ From: "news@account.acme.example", To: to, Subject: "Hello", TextBody: "Good day" }),
  });

test("a fault decides the answer and whether the message was taken", async (context) => {
  const twin = await twinFor(context);
  for (const [fault, status, taken] of [
    [{ mode: "ok" }, 200, 1],
    [{ mode: "429" }, 429, 0],
    [{ mode: "5xx", taken: false }, 500, 0],
    [{ mode: "5xx", taken: true, status: 502 }, 502, 1],
    [{ mode: "suspended" }, 422, 0],
    [{ mode: "refusal", name: "maintenance" }, 503, 0],
    [{ mode: "accept-then-drop" }, 200, 1],
    [{ mode: "hold" }, 200, 1],
    [{ mode: "garbage" }, 200, 1],
    [{ mode: "truncated" }, 200, 1],
    [{ mode: "unknown-value" }, 200, 1],
  ] as const) {
    twin.account.sent.length = 0;
    twin.setFault(fault);
    assert.equal((await send(twin)).status, status, fault.mode);
    assert.equal(twin.account.sent.length, taken, fault.mode);
  }
});

test("a connection that closes says nothing of what was taken", async (context) => {
  const twin = await twinFor(context);
  for (const taken of [false, true]) {
    twin.account.sent.length = 0;
    twin.setFault({ mode: "closed", taken });
    await assert.rejects(send(twin));
    assert.equal(twin.account.sent.length, taken ? 1 : 0);
  }
});

test("JSON that breaks off is no JSON, and a reset connection no answer", async (context) => {
  const twin = await twinFor(context);
  twin.setFault({ mode: "truncated" });
  await assert.rejects((await send(twin)).json(), SyntaxError);
  twin.setFault({ mode: "closed", taken: true, reset: true });
  await assert.rejects(send(twin), (error: Error) => (error.cause as NodeJS.ErrnoException).code === "ECONNRESET");
  assert.equal(twin.account.sent.length, 2);
});

test("each send may have a fault of its own", async (context) => {
  const twin = await twinFor(context);
  const faults = [{ mode: "429" }, { mode: "hold" }, { mode: "ok" }] as const;
  let n = 0;
  twin.setFault(() => faults[n++]!);
  const answers = [await send(twin), await send(twin), await send(twin)];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [429, 200, 200],
  );
  assert.deepEqual(
    twin.account.sent.map(({ state }) => state),
    ["held", "sent"],
  );
});

test("silence lasts until the twin stops", async (context) => {
  const twin = await twinFor(context);
  twin.setFault({ mode: "time-out", taken: true });
  const answer = send(twin);
  while (twin.account.sent.length === 0) await new Promise(setImmediate);
  await Promise.all([assert.rejects(answer), twin.stop()]);
});

test("a slow twin waits on the clock it was given", async (context) => {
  const clock = virtualClock();
  const twin = await twinFor(context, { clock });
  twin.setFault({ mode: "slow", byMs: 5_000 });
  const answer = send(twin);
  while (clock.pending === 0) await new Promise(setImmediate);
  assert.equal(twin.account.sent.length, 0);
  await clock.advance(5_000);
  assert.equal((await answer).status, 200);
});

test("what is dropped is never delivered, what is held only once it is let go", async (context) => {
  const delivered: SentMessage[] = [];
  const twin = await twinFor(context, { deliver: async (message) => void delivered.push(message) });
  twin.setFault({ mode: "accept-then-drop" });
  await send(twin);
  twin.setFault({ mode: "hold" });
  await send(twin);
  assert.equal(delivered.length, 0);
  assert.equal(await twin.releaseHeld(), 1);
  assert.equal(await twin.releaseHeld(), 0);
  assert.equal(delivered.length, 1);
  assert.deepEqual(
    twin.account.sent.map(({ state }) => state),
    ["dropped", "sent"],
  );
});

test("mail goes out over SMTP, the insider's too, and a refusal there is a bounce", async (context) => {
  const inbox = new LabInbox();
  const world = await startLabWorld({ inbox, clock: systemClock, log: silentLog, changed: () => {} });
  context.after(() => world.stop());
  world.receiving.setRefusal("nobody@example.net", "550 5.1.1 No such user");
  const twin = await twinFor(context, { deliver: deliverThrough(world.postOffice("postmark", "postmark")) });
  await send(twin);
  while (twin.account.sent[0]?.ends.size !== 1) await new Promise(setImmediate);
  assert.match(inbox.newest()[0]!.raw.toString(), /^X-PM-Message-Id: [\s\S]*Good day/im);
  await twin.insider.sendAs({ from: "a@account.acme.example", to: "victim@example.net", subject: "s", text: "t" });
  assert.equal(inbox.newest().length, 2);
  assert.deepEqual(
    twin.insider.readSent().map(({ by }) => by),
    ["api", "insider"],
  );
  assert.deepEqual(twin.insider.exportRecipients(), ["ada@example.net", "victim@example.net"]);
  await send(twin, "nobody@example.net");
  while (twin.account.sent[2]?.ends.size !== 1) await new Promise(setImmediate);
  assert.equal(twin.account.sent[2]?.ends.get("nobody@example.net"), "bounced");
  await send(twin, "nobody@example.net, ada@example.net");
  while (twin.account.sent.slice(3).flatMap(({ ends }) => [...ends]).length !== 2) await new Promise(setImmediate);
  assert.deepEqual(
    twin.account.sent
      .slice(3)
      .flatMap(({ ends }) => [...ends].map(String))
      .toSorted(),
    ["ada@example.net,delivered", "nobody@example.net,bounced"],
  );
});
