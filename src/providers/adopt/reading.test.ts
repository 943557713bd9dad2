import assert from "node:assert/strict";
import { test } from "node:test";
import { quickClock } from "../../../test/support/quick-clock.ts";
import type { HttpAnswer } from "../http.ts";
import { wholeName } from "../resend/adopt.ts";
import type { AccountReading } from "./items.ts";
import { inParts, jsonIn, PartFault, patiently, publicAddress } from "./reading.ts";

const answer = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({
  kind: "answer",
  status,
  headers,
  body: Buffer.alloc(0),
  json: {},
});
const NEVER: HttpAnswer = { kind: "no-answer", cause: "reply-timeout" };

/** Asks of what these are the answers; gives the waits and the last answer. */
async function asked(...answers: HttpAnswer[]): Promise<{ waits: number[]; last: HttpAnswer; times: number }> {
  const clock = quickClock(() => false);
  let times = 0;
  const attempt = async () => answers[Math.min(times++, answers.length - 1)]!;
  const last = await patiently(attempt, { clock, waits: () => {} });
  return { waits: clock.waits, last, times };
}

test("a wait is as long as the provider says, in seconds or as a date; else it grows", async () => {
  const seconds = await asked(answer(429, { "retry-after": "7" }), answer(200));
  assert.deepEqual([seconds.waits, seconds.last.kind === "answer" && seconds.last.status], [[7_000], 200]);
  const date = await asked(answer(503, { "retry-after": new Date(Date.now() + 30_000).toUTCString() }), answer(200));
  assert.ok(date.waits[0]! > 25_000 && date.waits[0]! <= 30_000);
  const reset = String(Math.ceil(Date.now() / 1_000) + 20);
  const epoch = await asked(answer(429, { "x-ratelimit-reset": reset }), answer(200));
  assert.ok(epoch.waits[0]! > 15_000 && epoch.waits[0]! <= 21_000);
  assert.deepEqual(
    (await asked(NEVER, answer(500), answer(502), NEVER, answer(200))).waits,
    [1_000, 2_000, 4_000, 8_000],
  );
});

test("it gives up after five times, at once where the rest is too long, and never asks again of what is refused", async () => {
  assert.equal((await asked(answer(503))).times, 5);
  assert.equal((await asked(answer(429, { "retry-after": "3600" }))).times, 1);
  for (const status of [400, 401, 403, 404, 422]) assert.equal((await asked(answer(status))).times, 1);
  assert.equal((await asked({ kind: "not-sent", cause: "dns-failed" })).times, 1);
});

test("what an answer means for the part that is read", () => {
  const because = (given: HttpAnswer) => {
    try {
      jsonIn(given, "/list", () => "words of jane@example.com");
    } catch (error) {
      assert.ok(error instanceof PartFault);
      assert.ok(!error.message.includes("jane"));
      return error.because;
    }
    return null;
  };
  assert.equal(because(answer(200)), null);
  assert.equal(because({ ...answer(200), json: undefined } as HttpAnswer), "unreadable");
  assert.equal(because(answer(403)), "refused");
  assert.equal(because(answer(429)), "unavailable");
  assert.equal(because(answer(500)), "unavailable");
  assert.equal(because(NEVER), "unavailable");
});

test("a part that is refused does not keep the others from being read; silence ends it", async () => {
  const kinds = async (because: "refused" | "unavailable") => {
    const found: string[] = [];
    const fails = () => {
      throw new PartFault(because, "no");
    };
    const readings: AsyncIterable<AccountReading> = inParts([
      ["keys", fails],
      ["subaccounts", () => [{ part: "subaccounts", name: "a", state: null }]],
    ]);
    for await (const { kind, part } of readings) found.push(`${kind} ${part}`);
    return found;
  };
  assert.deepEqual(await kinds("refused"), ["missing keys", "item subaccounts", "read subaccounts"]);
  assert.deepEqual(await kinds("unavailable"), ["missing keys"]);
});

test("addresses of webhooks are told without what could be a password", () => {
  assert.equal(publicAddress("https://user:pw@app.example/hook?key=1"), "https://app.example/hook (with a secret)");
  assert.equal(publicAddress("https://app.example/hook"), "https://app.example/hook");
  assert.equal(publicAddress("not an address"), "unreadable");
});

test("names within a zone become whole names", () => {
  assert.equal(wholeName("send", "acme.example"), "send.acme.example");
  assert.equal(wholeName("send.mail", "mail.acme.example"), "send.mail.acme.example");
  assert.equal(wholeName("k._domainkey", "acme.example"), "k._domainkey.acme.example");
  assert.equal(wholeName("send.acme.example", "acme.example"), "send.acme.example");
});
