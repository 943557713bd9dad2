import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { WebhookRequest, WebhookSecrets } from "../events.ts";
import { jsonOf, recordOf, textOf } from "../json-reading.ts";
import {
  answerToRecorded,
  disagreements,
  partsAt,
  type RecordedWebhook,
  recordedRequest,
  recordedSecrets,
  recordedWebhooks,
} from "../recorded-webhooks-for-tests.ts";
import { receive } from "./events.ts";

const recorded = recordedWebhooks("mailgun");

/** When the recording was signed, which is the last field of that name. */
function signedAt(one: RecordedWebhook): number {
  const { body } = recordedRequest(one);
  const json = recordOf(recordOf(jsonOf(body))["signature"])["timestamp"];
  const form = [...body.toString("latin1").matchAll(/name="timestamp"\r\n\r\n(\d+)/g)].at(-1)?.[1];
  return Number(textOf(json) ?? form ?? 0) * 1000;
}

test("every recorded notice is read as its suite reads it", { skip: recorded.skip }, async () => {
  assert.ok(recorded.all.length >= 20);
  const found: string[] = [];
  for (const one of recorded.all) {
    const answer = await answerToRecorded(receive, one, signedAt(one) + 10_000);
    found.push(...disagreements(one, answer).map((text) => `${one.suite} ${one.name}: ${text}`));
  }
  assert.deepEqual(found, []);
});

test("recorded notices are refused when late, early, or seen before", { skip: recorded.skip }, async () => {
  for (const one of recorded.all.filter(({ expect }) => expect.status === 200)) {
    for (const shift of [301_000, -301_000]) {
      assert.equal((await answerToRecorded(receive, one, signedAt(one) + shift)).kind, "refused");
    }
    const secrets = recordedSecrets(one)[0]!;
    const parts = partsAt(signedAt(one));
    const first = await receive(recordedRequest(one), secrets, parts);
    if (first.kind === "events") assert.equal((await receive(recordedRequest(one), secrets, parts)).kind, "refused");
  }
});

const KEY = "signing-key";
const SECRETS: WebhookSecrets = { key: KEY, basic: null, topicArn: null };
const AT_S = 1_770_920_772;
const TOKEN = "e0b5477167110d68991efc6b9f89f0a11066af27834600e123";
const sign = (timestamp: string, token: string): string =>
  createHmac("sha256", KEY)
    .update(timestamp + token)
    .digest("hex");

function notice(data: Record<string, unknown>, signature: Record<string, unknown> = {}): WebhookRequest {
  const timestamp = String(AT_S);
  const signed = { timestamp, token: TOKEN, signature: sign(timestamp, TOKEN), ...signature };
  return {
    method: "POST",
    url: "https://postern.example/hook",
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ signature: signed, "event-data": data })),
  };
}
const at = (ms = AT_S * 1000) => partsAt(ms);

test("our ids come back as the variables they were sent along as", async () => {
  const data = { event: "delivered", "user-variables": { postern_attempt: "a1", postern_id: "s1", count: 3 } };
  const answer = await receive(notice(data), SECRETS, at());
  assert.equal(answer.kind, "events");
  const [event] = answer.kind === "events" ? answer.events : [];
  assert.equal(event?.attemptId, "a1");
  assert.equal(event?.spoolId, "s1");
  assert.deepEqual(event?.metadata, { postern_attempt: "a1", postern_id: "s1", count: "3" });
});

test("a bit flipped anywhere in the signature block is refused", async () => {
  const request = notice({ event: "delivered" });
  const end = request.body.indexOf("}");
  for (let n = 0; n < end; n++) {
    const body = Buffer.from(request.body);
    body[n]! ^= 1;
    const answer = await receive({ ...request, body }, SECRETS, at());
    assert.equal(answer.kind, "refused", `octet ${n}: ${body.subarray(0, end).toString()}`);
  }
});

test("a digit moved from the time to the token makes no second token", async () => {
  const signature = sign(String(AT_S), TOKEN);
  const moved = [
    { timestamp: String(AT_S).slice(0, 9), token: String(AT_S).slice(9) + TOKEN, signature },
    { timestamp: `${AT_S}${TOKEN.slice(1, 2)}`, token: TOKEN.slice(2), signature },
  ];
  for (const one of moved) {
    for (const now of [AT_S, Number(one.timestamp)]) {
      assert.equal((await receive(notice({ event: "delivered" }, one), SECRETS, at(now * 1000))).kind, "refused");
    }
  }
});

test("an event of a subaccount is known by the primary account's signature", async () => {
  const block = { signature: "0".repeat(64), "parent-signature": sign(String(AT_S), TOKEN) };
  assert.equal((await receive(notice({ event: "opened" }, block), SECRETS, at())).kind, "events");
});

test("without a key nothing is taken, and nothing malformed is", async () => {
  const none = { key: null, basic: null, topicArn: null };
  assert.equal((await receive(notice({ event: "opened" }), none, at())).kind, "refused");
  for (const body of ["", "{", "[]", "null", '{"signature":7}', "x".repeat(100)]) {
    for (const type of ["application/json", "multipart/form-data; boundary=x", "text/plain", ""]) {
      const request = { ...notice({}), headers: { "content-type": type }, body: Buffer.from(body) };
      assert.equal((await receive(request, SECRETS, at())).kind, "refused");
    }
  }
  assert.equal((await receive(notice({}), SECRETS, at())).kind, "refused");
});

test("words nobody knows are an unknown event, not an error", async () => {
  for (const name of ["constructor", "__proto__", "teleported"]) {
    const answer = await receive(notice({ event: name, reason: name }), SECRETS, at());
    assert.equal(answer.kind === "events" && answer.events[0]?.type, "unknown");
    assert.equal(answer.kind === "events" && answer.events[0]?.rejectReason, "other");
  }
});
