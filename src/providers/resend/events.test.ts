import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { WebhookAnswer, WebhookRequest } from "../events.ts";
import {
  answerToRecorded,
  disagreements,
  partsAt,
  recordedRequest,
  recordedWebhooks,
} from "../recorded-webhooks-for-tests.ts";
import { receive } from "./events.ts";

const recorded = recordedWebhooks("resend");
const RECORDED_AT = 1_795_438_235_000;

test("every recorded notice is read as its suite reads it", { skip: recorded.skip }, async () => {
  assert.ok(recorded.all.length >= 10);
  const found: string[] = [];
  for (const one of recorded.all) {
    const at = Number(recordedRequest(one).headers["svix-timestamp"] ?? RECORDED_AT / 1000) * 1000;
    const answer = await answerToRecorded(receive, one, at);
    found.push(...disagreements(one, answer).map((text) => `${one.suite} ${one.name}: ${text}`));
  }
  assert.deepEqual(found, []);
});

test("recorded notices are refused when late, early, or with any octet changed", { skip: recorded.skip }, async () => {
  for (const one of recorded.all.filter(({ expect }) => expect.status === 200)) {
    const request = recordedRequest(one);
    const at = Number(request.headers["svix-timestamp"]) * 1000;
    for (const shift of [301_000, -301_000]) {
      assert.equal((await answerToRecorded(receive, one, at + shift)).kind, "refused");
    }
    for (let n = 0; n < request.body.length; n += 7) {
      const body = Buffer.from(request.body);
      body[n]! ^= 1;
      const changed = { ...one, body_base64: body.toString("base64") };
      assert.equal((await answerToRecorded(receive, changed, at)).kind, "refused", `octet ${n}`);
    }
  }
});

const KEY = Buffer.from("a key of thirty-two octets, or so");
const SECRETS = { key: `whsec_${KEY.toString("base64")}`, basic: null, topicArn: null };
const AT_S = 1_770_920_772;

function notice(content: unknown, headers: Record<string, string> = {}): WebhookRequest {
  const body = Buffer.from(JSON.stringify(content));
  const signature = createHmac("sha256", KEY).update(`msg_1.${AT_S}.`).update(body).digest("base64");
  return {
    method: "POST",
    url: "https://postern.example/hook",
    headers: { "svix-id": "msg_1", "svix-timestamp": String(AT_S), "svix-signature": `v1,${signature}`, ...headers },
    body,
  };
}
const read = async (content: unknown, headers: Record<string, string> = {}): Promise<WebhookAnswer> =>
  receive(notice(content, headers), SECRETS, partsAt(AT_S * 1000));
async function eventOf(content: unknown) {
  const answer = await read(content);
  assert.equal(answer.kind, "events");
  return answer.kind === "events" ? answer.events[0]! : assert.fail();
}

test("our ids come back as the tags they were sent along as", async () => {
  const tags = { postern_attempt: "a1", postern_id: "s1" };
  const event = await eventOf({ type: "email.delivered", data: { email_id: "e1", to: ["a@b.example"], tags } });
  assert.deepEqual([event.attemptId, event.spoolId, event.recipient], ["a1", "s1", "a@b.example"]);
});

test("bounces by type and sub-type, suppressions and failures by their reason", async () => {
  const bounce = (type: string, subType: string) => ({
    type: "email.bounced",
    data: { to: ["a@b.example"], bounce: { type, subType, message: "m", diagnosticCode: ["smtp; 550 5.1.1 no"] } },
  });
  const hard = await eventOf(bounce("Permanent", "General"));
  assert.deepEqual([hard.bounce, hard.rejectReason, hard.mtaResponse], ["hard", "bounced", "smtp; 550 5.1.1 no"]);
  assert.equal((await eventOf(bounce("Transient", "MailboxFull"))).bounce, "soft");
  assert.equal((await eventOf(bounce("Transient", "ContentRejected"))).rejectReason, "blocked");
  assert.equal((await eventOf(bounce("Undetermined", "Undetermined"))).bounce, null);
  const suppressed = { type: "email.suppressed", data: { suppressed: { reason: "previous_complaint" } } };
  assert.deepEqual([(await eventOf(suppressed)).type, (await eventOf(suppressed)).rejectReason], ["rejected", "spam"]);
  const failed = await eventOf({ type: "email.failed", data: { failed: { reason: "reached_daily_quota" } } });
  assert.deepEqual([failed.type, failed.description], ["failed", "reached_daily_quota"]);
});

test("a notice is good once, also under several signatures while the key changes", async () => {
  const request = notice({ type: "email.sent" });
  const parts = partsAt(AT_S * 1000);
  const several = { ...request.headers, "svix-signature": `v1,AAAA v2,BBBB ${request.headers["svix-signature"]}` };
  assert.equal((await receive({ ...request, headers: several }, SECRETS, parts)).kind, "events");
  assert.equal((await receive(request, SECRETS, parts)).kind, "refused");
});

test("a signature over another id, another time, or with no key is none", async () => {
  assert.equal((await read({ type: "email.sent" }, { "svix-id": "msg_2" })).kind, "refused");
  assert.equal((await read({ type: "email.sent" }, { "svix-timestamp": String(AT_S + 1) })).kind, "refused");
  for (const key of [null, "", "whsec_", "whsec_!!!"]) {
    const answer = await receive(notice({ type: "email.sent" }), { ...SECRETS, key }, partsAt(AT_S * 1000));
    assert.equal(answer.kind, "refused");
  }
});

test("words nobody knows are an unknown event; what is no event is refused", async () => {
  assert.equal((await eventOf({ type: "email.teleported" })).type, "unknown");
  assert.equal((await eventOf({ type: "contact.created", data: null })).type, "unknown");
  for (const content of [null, [], 7, {}, { type: 0.5 }]) assert.notEqual((await read(content)).kind, "confirm");
  assert.equal((await read({})).kind, "refused");
});
