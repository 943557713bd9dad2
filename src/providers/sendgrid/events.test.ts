import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import type { WebhookAnswer, WebhookParts, WebhookRequest, WebhookSecrets } from "../events.ts";
import { messageIdOf } from "./event.ts";
import { readRecorded, receive } from "./events.ts";

const NOW = Date.UTC(2026, 10, 25);
const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const KEY = pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
const SIGNED: WebhookSecrets = { key: KEY, basic: null, topicArn: null };

const DELIVERED = {
  email: "ada@example.net",
  timestamp: 1_795_564_800,
  event: "delivered",
  response: "250 2.0.0 OK",
  sg_event_id: "ZGVsaXZlcmVk",
  sg_message_id: "Lli-03HcQ5-JLybO9fXsJg.recvd-55f8c9b7d4-1-6583-2.0",
  postern_attempt: "attempt-1",
  postern_id: "0190",
  order: "4711",
  category: ["receipts"],
};

function notice(events: unknown, change: { at?: number; body?: (body: Buffer) => Buffer } = {}): WebhookRequest {
  const body = Buffer.from(JSON.stringify(events));
  const timestamp = String(Math.floor((change.at ?? NOW) / 1000));
  const signature = sign("sha256", Buffer.concat([Buffer.from(timestamp), body]), pair.privateKey).toString("base64");
  return {
    method: "POST",
    url: "https://postern.example/providers/harbour/events",
    headers: {
      "content-type": "application/json",
      "x-twilio-email-event-webhook-signature": signature,
      "x-twilio-email-event-webhook-timestamp": timestamp,
    },
    body: change.body?.(body) ?? body,
  };
}

const memory = (now = NOW): WebhookParts => {
  const seen = new Set<string>();
  return { now, isNew: (id) => seen.size !== seen.add(id).size };
};
const answerTo = (request: WebhookRequest, secrets = SIGNED, parts = memory()) =>
  receive(request, secrets, parts) as WebhookAnswer;
const statusOf = (answer: WebhookAnswer) => (answer.kind === "refused" ? answer.status : 200);

test("a signed notice gives what it says of the message, with the ids we gave along", () => {
  assert.deepEqual(answerTo(notice([DELIVERED])), {
    kind: "events",
    events: [
      {
        type: "delivered",
        at: 1_795_564_800_000,
        recipient: "ada@example.net",
        eventId: "ZGVsaXZlcmVk",
        providerMessageId: "Lli-03HcQ5-JLybO9fXsJg",
        attemptId: "attempt-1",
        spoolId: "0190",
        rejectReason: null,
        bounce: null,
        mtaResponse: "250 2.0.0 OK",
        description: null,
        url: null,
        userAgent: null,
        tags: ["receipts"],
        metadata: { order: "4711" },
      },
    ],
  });
});

test("one bit changed anywhere in the body, and the notice is refused before it is parsed", () => {
  const length = JSON.stringify([DELIVERED]).length;
  for (let at = 0; at < length; at += 1) {
    const flipped = notice([DELIVERED], {
      body: (body) => {
        body[at]! ^= 1 << (at % 8);
        return body;
      },
    });
    assert.equal(statusOf(answerTo(flipped)), 401);
  }
});

test("a notice signed more than 300 s ago, or ahead, is refused", () => {
  for (const seconds of [-300, 0, 300]) assert.equal(statusOf(answerTo(notice([], { at: NOW + seconds * 1000 }))), 200);
  for (const seconds of [-301, 301]) assert.equal(statusOf(answerTo(notice([], { at: NOW + seconds * 1000 }))), 401);
});

test("a time that is not the one which was signed is refused, however fresh", () => {
  const old = notice([DELIVERED], { at: NOW - 3_600_000 });
  const headers = { ...old.headers, "x-twilio-email-event-webhook-timestamp": String(NOW / 1000) };
  assert.equal(statusOf(answerTo({ ...old, headers })), 401);
});

test("a key of another curve, of another webhook, or none at all lets nothing in", () => {
  const other = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey;
  const curve = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey;
  for (const key of [other, curve].map((one) => one.export({ format: "der", type: "spki" }).toString("base64"))) {
    assert.equal(statusOf(answerTo(notice([]), { ...SIGNED, key })), 401);
  }
  for (const key of ["no key", null]) assert.equal(statusOf(answerTo(notice([]), { ...SIGNED, key })), 401);
  for (const signature of ["", "b'MEUC'", "AAAA", "=".repeat(64), "A".repeat(64)]) {
    const request = notice([]);
    const headers = { ...request.headers, "x-twilio-email-event-webhook-signature": signature };
    assert.equal(statusOf(answerTo({ ...request, headers })), 401);
  }
});

test("the key may be PEM too", () => {
  const key = pair.publicKey.export({ format: "pem", type: "spki" }).toString();
  assert.equal(statusOf(answerTo(notice([DELIVERED]), { ...SIGNED, key })), 200);
});

test("where a key and a password are set, both are asked for", () => {
  const both: WebhookSecrets = { ...SIGNED, basic: "app:correct horse" };
  const request = notice([DELIVERED]);
  assert.equal(statusOf(answerTo(request, both)), 401);
  const authorization = `Basic ${Buffer.from("app:correct horse").toString("base64")}`;
  assert.equal(statusOf(answerTo({ ...request, headers: { ...request.headers, authorization } }, both)), 200);
  const unsigned = { ...request, headers: { authorization } };
  assert.equal(statusOf(answerTo(unsigned, both)), 401);
  assert.equal(statusOf(answerTo(unsigned, { ...both, key: null })), 200);
});

test("an event that came before is left out, the others of its notice are not", () => {
  const parts = memory();
  answerTo(notice([DELIVERED]), SIGNED, parts);
  const answer = answerTo(notice([DELIVERED, { ...DELIVERED, sg_event_id: "another" }]), SIGNED, parts);
  assert.deepEqual(answer.kind === "events" && answer.events.map((one) => one.eventId), ["another"]);
});

test("a notice that is no array of events is refused whole, and none of it counts as seen", () => {
  const parts = memory();
  for (const body of [{}, "[]", null, [[]], [DELIVERED, {}], [null]]) {
    assert.equal(statusOf(answerTo(notice(body), SIGNED, parts)), 400);
  }
  const answer = answerTo(notice([DELIVERED]), SIGNED, parts);
  assert.equal(answer.kind === "events" && answer.events.length, 1);
});

test("bounces, drops and what nobody knows", () => {
  const cases = [
    [
      { event: "bounce", type: "bounce", reason: "550 5.1.1 No such user" },
      "bounced",
      "hard",
      null,
      "550 5.1.1 No such user",
    ],
    [{ event: "bounce", type: "blocked", reason: "554 spam" }, "bounced", "soft", "blocked", "554 spam"],
    [{ event: "deferred", response: "450 later" }, "deferred", null, null, "450 later"],
    [{ event: "dropped", reason: "Bounced Address" }, "rejected", null, "bounced", null],
    [{ event: "dropped", reason: "Unsubscribed Address" }, "rejected", null, "unsubscribed", null],
    [{ event: "dropped", reason: "Spam Reporting Address" }, "rejected", null, "spam", null],
    [{ event: "dropped", reason: "Recipient List over Package Quota" }, "rejected", null, "other", null],
    [{ event: "constructor", reason: "__proto__" }, "unknown", null, null, "__proto__"],
  ] as const;
  for (const [fields, type, bounce, rejectReason, mtaResponse] of cases) {
    const answer = answerTo(notice([fields]));
    assert.ok(answer.kind === "events");
    const event = answer.events[0]!;
    assert.deepEqual(
      [event.type, event.bounce, event.rejectReason, event.mtaResponse],
      [type, bounce, rejectReason, mtaResponse],
    );
  }
});

test("a suspension that is told as an event is not lost among the unknown ones", () => {
  const answer = answerTo(notice([{ event: "account_status_change", type: "compliance_suspend", timestamp: 1 }]));
  assert.ok(answer.kind === "events");
  assert.equal(answer.events[0]!.description, "account_status_change: compliance_suspend");
});

test("the message id is the one of the answer to the hand-off, in each of its forms", () => {
  const forms = [
    ["Lli-03HcQ5-JLybO9fXsJg.filter0077p1las1.21536.5717FC482.0", "Lli-03HcQ5-JLybO9fXsJg"],
    ["14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0", "14c5d75ce93.dfd.64b469"],
    ["aB3_x.recvd-55f8c9b7d4-1-6583-2.0", "aB3_x"],
    ["filter0199p1las1.4745.5717FB6F5.0", "filter0199p1las1.4745.5717FB6F5.0"],
  ] as const;
  for (const [whole, id] of forms) assert.equal(messageIdOf(whole), id);
});

test("a recording is looked into whatever its age, but not whatever its signature", () => {
  const old = notice([DELIVERED], { at: NOW - 86_400_000 });
  assert.equal(statusOf(answerTo(old)), 401);
  assert.equal(statusOf(readRecorded(old, SIGNED, memory()) as WebhookAnswer), 200);
  old.body[3]! ^= 1;
  assert.equal(statusOf(readRecorded(old, SIGNED, memory()) as WebhookAnswer), 401);
});
