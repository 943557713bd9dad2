import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { DeliveryEvent } from "../../mail/index.ts";
import type { WebhookParts, WebhookRequest, WebhookSecrets } from "../events.ts";
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

const recorded = recordedWebhooks("mandrill");
const NOW = Date.UTC(2026, 10, 25);
const KEY = "webhook-key";
const URL = "https://postern.example/webhooks/harbour?from=mandrill";
const SECRETS: WebhookSecrets = { key: KEY, basic: null, topicArn: null };

function notice(fields: Record<string, string>, change: { signedUrl?: string; headers?: Record<string, string> } = {}) {
  const text = Object.keys(fields)
    .toSorted()
    .map((name) => name + fields[name]!)
    .join("");
  const signature = createHmac("sha1", KEY)
    .update((change.signedUrl ?? URL) + text)
    .digest("base64");
  return {
    method: "POST",
    url: URL,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-mandrill-signature": signature,
      ...change.headers,
    },
    body: Buffer.from(new URLSearchParams(fields).toString()),
  } satisfies WebhookRequest;
}
const told = (...events: unknown[]) => notice({ mandrill_events: JSON.stringify(events) });
async function eventsOf(request: WebhookRequest, parts: WebhookParts = partsAt(NOW)): Promise<DeliveryEvent[]> {
  const answer = await receive(request, SECRETS, parts);
  assert.equal(answer.kind, "events", JSON.stringify(answer));
  return answer.kind === "events" ? answer.events : [];
}

test("every recorded notice is read as its suite reads it", { skip: recorded.skip }, async () => {
  assert.ok(recorded.all.length >= 10);
  const found: string[] = [];
  for (const one of recorded.all.filter(({ suite }) => suite !== "symfony")) {
    const answer = await answerToRecorded(receive, one, NOW);
    found.push(...disagreements(one, answer).map((text) => `${one.suite} ${one.name}: ${text}`));
  }
  assert.deepEqual(found, []);
});

test(
  "recorded payloads without a signature are read rightly once they are signed",
  { skip: recorded.skip },
  async () => {
    const payloads = recorded.all.filter(({ suite }) => suite === "symfony");
    assert.ok(payloads.length >= 5);
    for (const one of payloads as (RecordedWebhook & { form: [string, string][] })[]) {
      const answer = await receive(notice(Object.fromEntries(one.form)), SECRETS, partsAt(NOW));
      const asTaken = { ...one, expect: { ...one.expect, status: 200 } };
      assert.deepEqual(disagreements(asTaken, answer), [], one.name);
    }
  },
);

test("recorded notices with one bit flipped are refused", { skip: recorded.skip }, async () => {
  for (const one of recorded.all.filter(({ expect, method }) => expect.status === 200 && method === "POST")) {
    const request = recordedRequest(one);
    const start = request.body.indexOf("[");
    for (const at of [start, request.body.lastIndexOf("]")]) {
      const body = Buffer.from(request.body);
      body[at]! ^= 1;
      for (const secrets of recordedSecrets(one)) {
        assert.equal((await receive({ ...request, body }, secrets, partsAt(NOW))).kind, "refused", one.name);
      }
    }
  }
});

test("our ids come back as metadata, and what befell the message in our words", async () => {
  const msg = {
    _id: "m1",
    email: "a@example.net",
    metadata: { postern_attempt: "a1", postern_id: "s1", n: 3, deep: {} },
    bounce_description: "bad_mailbox",
    diag: "smtp;550 5.1.1\r\n no such user",
    tags: [],
  };
  const [event] = await eventsOf(told({ event: "hard_bounce", _id: "m1", ts: 1_700_000_000, msg }));
  assert.equal(event?.type, "bounced");
  assert.equal(event?.bounce, "hard");
  assert.equal(event?.rejectReason, "invalid");
  assert.equal(event?.attemptId, "a1");
  assert.equal(event?.spoolId, "s1");
  assert.equal(event?.providerMessageId, "m1");
  assert.equal(event?.at, 1_700_000_000_000);
  assert.equal(event?.mtaResponse, "smtp;550 5.1.1 no such user");
  assert.deepEqual(event?.metadata, { postern_attempt: "a1", postern_id: "s1", n: "3" });
});

test("a change of its lists is an unknown event that names list, address and reason, and no id holds the address", async () => {
  const reject = { email: "a@example.net", reason: "custom", detail: null };
  const [event] = await eventsOf(told({ type: "blacklist", action: "add", ts: 1_700_000_000, reject }));
  assert.equal(event?.type, "unknown");
  assert.equal(event?.recipient, "a@example.net");
  assert.equal(event?.description, "custom");
  assert.doesNotMatch(event?.eventId ?? "", /@/);
});

test("a batch that comes again gives nothing, and what is new in it is given", async () => {
  const parts = partsAt(NOW);
  const first = { event: "send", _id: "m1", ts: 1, msg: { email: "a@example.net" } };
  const second = { event: "open", _id: "m1", ts: 2, msg: { email: "a@example.net" } };
  assert.equal((await eventsOf(told(first), parts)).length, 1);
  assert.equal((await eventsOf(told(first), parts)).length, 0);
  assert.deepEqual(
    (await eventsOf(told(first, second, second), parts)).map(({ type }) => type),
    ["opened"],
  );
});

test("an address with user and password is signed as it was typed in", async () => {
  const authorization = `Basic ${Buffer.from("us er:p@ss:word").toString("base64")}`;
  const secrets = { ...SECRETS, basic: "us er:p@ss:word" };
  for (const login of ["us er:p@ss:word", "us%20er:p%40ss%3Aword"]) {
    const signedUrl = URL.replace("https://", `https://${login}@`);
    const request = notice({ mandrill_events: "[]" }, { signedUrl, headers: { authorization } });
    assert.equal((await receive(request, secrets, partsAt(NOW))).kind, "events", login);
    const stranger = { ...request, headers: { ...request.headers, authorization: "Basic dXNlcjpwYXNz" } };
    assert.equal((await receive(stranger, secrets, partsAt(NOW))).kind, "refused");
  }
});

test("every bit of body and signature counts, and so does the address", async () => {
  const request = notice({ mandrill_events: '[{"event":"send"}]' });
  for (let at = 0; at < request.body.length; at++) {
    const body = Buffer.from(request.body);
    body[at]! ^= 1;
    assert.equal((await receive({ ...request, body }, SECRETS, partsAt(NOW))).kind, "refused", body.toString());
  }
  const signature = request.headers["x-mandrill-signature"];
  for (const wrong of ["", signature.slice(1), `${signature}=`, signature.toLowerCase()]) {
    const headers = { ...request.headers, "x-mandrill-signature": wrong };
    assert.equal((await receive({ ...request, headers }, SECRETS, partsAt(NOW))).kind, "refused");
  }
  assert.equal((await receive({ ...request, url: `${URL}&x=1` }, SECRETS, partsAt(NOW))).kind, "refused");
});

test("a second field of one name, a file and what is no list are refused, though they are signed", async () => {
  const twice = notice({ mandrill_events: "[]" });
  const body = Buffer.from("mandrill_events=%5B%5D&mandrill_events=%5B%7B%7D%5D");
  assert.equal((await receive({ ...twice, body }, SECRETS, partsAt(NOW))).kind, "refused");
  for (const text of ["", "{}", "null", "[", '"[]"', `[${"{},".repeat(1_000)}{}]`]) {
    assert.equal((await receive(notice({ mandrill_events: text }), SECRETS, partsAt(NOW))).kind, "refused", text);
  }
  for (const type of ["application/json", "text/plain", "", "multipart/form-data", "multipart/form-data; boundary=x"]) {
    const request = notice({ mandrill_events: "[]" }, { headers: { "content-type": type } });
    assert.equal((await receive(request, SECRETS, partsAt(NOW))).kind, "refused", type);
  }
  assert.equal((await receive(notice({ other: "[]" }), SECRETS, partsAt(NOW))).kind, "refused");
});

test("without a key only the question whether the address exists is answered", async () => {
  const none = { key: null, basic: null, topicArn: null };
  const head = { method: "HEAD", url: URL, headers: {}, body: Buffer.alloc(0) };
  assert.deepEqual(await receive(head, none, partsAt(NOW)), { kind: "events", events: [] });
  assert.equal((await receive(notice({ mandrill_events: "[]" }), none, partsAt(NOW))).kind, "refused");
});

test("words nobody knows are unknown events, not errors", async () => {
  const events = await eventsOf(
    told({ event: "constructor" }, { event: 7, msg: [] }, null, "x", { msg: { metadata: 3 } }),
  );
  assert.deepEqual([...new Set(events.map(({ type }) => type))], ["unknown"]);
});
