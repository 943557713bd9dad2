import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeliveryEvent } from "../../mail/index.ts";
import type { WebhookAnswer, WebhookRequest } from "../events.ts";
import {
  answerToRecorded,
  disagreements,
  partsAt,
  recordedRequest,
  recordedWebhooks,
} from "../recorded-webhooks-for-tests.ts";
import { receive } from "./events.ts";

const NOW = Date.UTC(2026, 10, 25);
const recorded = recordedWebhooks("postmark");

/** Where we read a recording otherwise, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  test_warns_if_no_auth: "no password is set there: without one anybody could tell us anything, so we take nothing",
};

test("every recorded notice is read as its suite reads it", { skip: recorded.skip }, async () => {
  assert.ok(recorded.all.length >= 5);
  for (const one of recorded.all) {
    const answer = await answerToRecorded(receive, one, NOW);
    const found = disagreements(one, answer);
    if (OTHERWISE[one.name] === undefined) assert.deepEqual(found, [], one.name);
    else assert.equal(answer.kind, "refused", OTHERWISE[one.name]);
  }
});

test("a recorded notice with another password, or none, is refused", { skip: recorded.skip }, async () => {
  for (const one of recorded.all) {
    const request = recordedRequest(one);
    const secrets = { key: null, basic: "username:passwore", topicArn: null };
    assert.equal((await receive(request, secrets, partsAt(NOW))).kind, "refused");
    const { authorization: _, ...headers } = request.headers;
    const bare = { ...request, headers };
    assert.equal((await receive(bare, { ...secrets, basic: "username:password" }, partsAt(NOW))).kind, "refused");
  }
});

const SECRETS = { key: null, basic: "postern:correct horse", topicArn: null };
const request = (body: unknown, password = "correct horse"): WebhookRequest => ({
  method: "POST",
  url: "https://postern.example/hook",
  headers: { authorization: `Basic ${Buffer.from(`postern:${password}`).toString("base64")}` },
  body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
});
const eventOf = (answer: WebhookAnswer): DeliveryEvent => {
  assert.equal(answer.kind, "events");
  return answer.kind === "events" ? answer.events[0]! : (undefined as never);
};
const read = async (body: unknown) => eventOf(await receive(request(body), SECRETS, partsAt(NOW)));

test("our ids come back, and values that are no text do no harm", async () => {
  const event = await read({
    RecordType: "Delivery",
    MessageID: "m1",
    Recipient: "a@example.net",
    DeliveredAt: "2026-11-24T10:00:00.1234567-05:00",
    Metadata: { postern_attempt: "at1", postern_id: "sp1", n: 3, o: {} },
  });
  assert.deepEqual(
    [event.type, event.attemptId, event.spoolId, event.at, event.metadata],
    [
      "delivered",
      "at1",
      "sp1",
      Date.UTC(2026, 10, 24, 15, 0, 0, 123),
      { postern_attempt: "at1", postern_id: "sp1", n: "3" },
    ],
  );
});

test("a bounce is what its Type says", async () => {
  for (const [Type, type, bounce] of [
    ["HardBounce", "bounced", "hard"],
    ["SoftBounce", "bounced", "soft"],
    ["Transient", "deferred", null],
    ["AutoResponder", "autoresponded", null],
    ["SpamNotification", "complained", null],
    ["Blocked", "rejected", null],
    ["constructor", "bounced", null],
    [undefined, "bounced", null],
  ] as const) {
    const event = await read({ RecordType: "Bounce", Type, ID: 7 });
    assert.deepEqual([event.type, event.bounce, event.eventId], [type, bounce, "7"]);
  }
});

test("a subscription that changed says why it was suppressed, or that it is so no more", async () => {
  const change = {
    RecordType: "SubscriptionChange",
    Recipient: "a@example.net",
    ChangedAt: "2020-02-01T10:53:34.416071Z",
  };
  assert.equal((await read({ ...change, SuppressSending: false })).type, "subscribed");
  assert.equal(
    (await read({ ...change, SuppressSending: true, SuppressionReason: "ManualSuppression" })).type,
    "unsubscribed",
  );
  const bounced = await read({ ...change, SuppressSending: true, SuppressionReason: "HardBounce" });
  assert.deepEqual([bounced.type, bounced.bounce], ["bounced", "hard"]);
});

test("the same notice again is taken once; two deliveries of one message to two people are two", async () => {
  const parts = partsAt(NOW);
  const notice = { RecordType: "Delivery", MessageID: "m1", DeliveredAt: "2026-11-24T10:00:00Z" };
  const take = (recipient: string) => receive(request({ ...notice, Recipient: recipient }), SECRETS, parts);
  assert.equal((await take("a@example.net")).kind, "events");
  assert.equal((await take("a@example.net")).kind, "refused");
  assert.equal((await take("b@example.net")).kind, "events");
});

test("without a password in the settings nothing is taken; malformed ones are refused", async () => {
  const none = { key: null, basic: null, topicArn: null };
  assert.equal((await receive(request({ RecordType: "Delivery" }), none, partsAt(NOW))).kind, "refused");
  for (const body of ["", "{", "[]", "null", "7", '"x"']) {
    assert.deepEqual(await receive(request(body), SECRETS, partsAt(NOW)), {
      kind: "refused",
      status: 400,
      reason: "malformed",
    });
  }
  assert.equal((await read({ RecordType: "Teleported" })).type, "unknown");
  assert.equal((await receive(request({}, "wrong"), SECRETS, partsAt(NOW))).kind, "refused");
});
