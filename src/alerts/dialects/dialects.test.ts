import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { type Received, type Receiver, TEST_CERTIFICATE, startReceiver } from "../../../test/support/https-receiver.ts";
import type { AlertTargetSettings } from "../../config/index.ts";
import { Secret, systemClock } from "../../kernel/index.ts";
import { type Egress, createEgress } from "../../notify/index.ts";
import type { Alert, Telling } from "../alert.ts";
import { targetForTests } from "../target-for-tests.ts";
import { tellByHttp } from "../tell-by-http.ts";
import { wordingOf } from "../wording.ts";
import { callFor } from "./index.ts";

const AT = Date.UTC(2022, 7, 8, 19, 30);
const ALERT: Alert = {
  key: "quarantined mandrill",
  severity: "page",
  kind: "quarantined",
  provider: "mandrill",
  scope: "",
  sentence: "It says that 4 canaries were delivered which none of our receivers has seen. <!channel> & more",
  numbers: { claimed: 4 },
  at: AT,
};
const NEXT =
  "Change its keys. Then two people, each: postern provider release mandrill --operator NAME --reason TEXT --keys-rotated INSTANT";
const DID = "Postern hands it nothing any more, and does not go back by itself.";

const TAKE_ON = "postern alerts ack 7 --operator NAME";
/** What follows the first line of those that show a text. */
const REST = [
  "Since: 2022-08-08 19:30:00 UTC",
  DID,
  "Affected: acme/resets, acme/receipts",
  `Next: ${NEXT}`,
  `To take it on: ${TAKE_ON}`,
  "Numbers: claimed: 4",
  "More: docs/alerts.md: quarantined",
];

let receiver: Receiver;
let egress: Egress;
before(async () => {
  receiver = await startReceiver((_, response) => response.writeHead(202).end("{}"));
  egress = createEgress({
    clock: systemClock,
    ca: TEST_CERTIFICATE,
    permitted: [{ address: "127.0.0.1", port: receiver.port }],
    resolve: () => Promise.resolve(["127.0.0.1"]),
  });
});
after(async () => {
  egress.close();
  await receiver.stop();
});

/** What really arrives at a server when a target is told. */
async function told(telling: Telling, but: Partial<AlertTargetSettings>, change: Partial<Alert> = {}, laterMs = 0) {
  const alert = { ...ALERT, ...change };
  const now = AT + laterMs;
  const acknowledgedBy = telling === "acknowledged" ? "ada" : null;
  const about = { alert, alertId: 7, telling, acknowledgedBy };
  const wording = wordingOf(about, ["acme/resets", "acme/receipts"], now, alert.severity === "page");
  const facts = {
    ...about,
    id: "postern_1",
    tellingId: `postern_1_${telling}`,
    source: "postern.example",
    wording,
    now,
  };
  const target = targetForTests("t", { key: new Secret("key-of-it"), url: new Secret(receiver.url), ...but });
  const result = await tellByHttp(egress, callFor(facts, target)!);
  assert.deepEqual(result, { kind: "taken", answer: "answered 202" });
  const arrived: Received = receiver.received.at(-1)!;
  return { ...arrived, json: JSON.parse(String(arrived.body)) as Record<string, unknown> };
}

test("PagerDuty: a trigger opens an incident and says what to do", async () => {
  const { json } = await told("raised", { kind: "pagerduty" });
  assert.deepEqual(json, {
    routing_key: "key-of-it",
    event_action: "trigger",
    dedup_key: "postern_1",
    client: "Postern",
    payload: {
      summary: `mandrill: A provider is quarantined. ${ALERT.sentence}`,
      source: "postern.example",
      severity: "critical",
      timestamp: "2022-08-08T19:30:00.000Z",
      component: "mandrill",
      class: "quarantined",
      custom_details: {
        claimed: 4,
        did: DID,
        affected: "acme/resets, acme/receipts",
        next: NEXT,
        takeOn: TAKE_ON,
        more: "docs/alerts.md: quarantined",
      },
    },
  });
});

test("PagerDuty: the same key acknowledges and resolves it, and a repetition adds to it", async () => {
  const key = { routing_key: "key-of-it", dedup_key: "postern_1" };
  const { json: taken } = await told("acknowledged", { kind: "pagerduty" });
  assert.deepEqual(taken, { ...key, event_action: "acknowledge" });
  const { json: over } = await told("resolved", { kind: "pagerduty" });
  assert.deepEqual(over, { ...key, event_action: "resolve" });
  const { json: still } = await told("repeated", { kind: "pagerduty" }, {}, 1_860_000);
  assert.deepEqual([still["event_action"], still["dedup_key"]], ["trigger", "postern_1"]);
  assert.match((still["payload"] as { summary: string }).summary, /Still so after 31 minutes/);
});

test("PagerDuty: a long sentence is cut to what it takes, a stream is the group, a notice a warning", async () => {
  const { json } = await told(
    "raised",
    { kind: "pagerduty" },
    { sentence: "x".repeat(5_000), scope: "acme/resets", severity: "notice" },
  );
  const payload = json["payload"] as Record<string, string>;
  assert.deepEqual(
    [payload["summary"]!.length, payload["group"], payload["severity"]],
    [1_024, "acme/resets", "warning"],
  );
});

test("PagerDuty and Opsgenie have an address for each region", () => {
  const facts = { alert: ALERT, alertId: 7, acknowledgedBy: null, id: "i", tellingId: "i_1", source: "s", now: AT };
  const urlOf = (kind: AlertTargetSettings["kind"], region: AlertTargetSettings["region"], telling: Telling) => {
    const wording = wordingOf({ ...facts, telling }, [], AT, true);
    const target = targetForTests("t", { kind, region, url: null, key: new Secret("k") });
    return callFor({ ...facts, telling, wording }, target)!.url;
  };
  assert.equal(urlOf("pagerduty", "us", "raised"), "https://events.pagerduty.com/v2/enqueue");
  assert.equal(urlOf("pagerduty", "eu", "raised"), "https://events.eu.pagerduty.com/v2/enqueue");
  assert.equal(urlOf("opsgenie", "us", "raised"), "https://api.opsgenie.com/v2/alerts");
  assert.equal(
    urlOf("opsgenie", "eu", "resolved"),
    "https://api.eu.opsgenie.com/v2/alerts/i/close?identifierType=alias",
  );
  assert.equal(urlOf("opsgenie", "atlassian", "raised"), "https://api.atlassian.com/jsm/ops/integration/v2/alerts");
});

test("Opsgenie: an alert under an alias", async () => {
  const { json, path, headers } = await told("raised", { kind: "opsgenie" });
  assert.equal(path, "/hook");
  assert.equal(headers.authorization, "GenieKey key-of-it");
  assert.deepEqual(json, {
    message: "mandrill: A provider is quarantined",
    alias: "postern_1",
    description: [ALERT.sentence, ...REST].join("\n"),
    priority: "P1",
    source: "postern.example",
    entity: "mandrill",
    tags: ["quarantined"],
    details: { claimed: "4" },
  });
});

test("Opsgenie: acknowledged and closed by its alias", async () => {
  const taken = await told("acknowledged", { kind: "opsgenie" });
  assert.equal(taken.path, "/hook/postern_1/acknowledge?identifierType=alias");
  assert.deepEqual(taken.json, { source: "postern.example", note: "ada has it.", user: "ada" });
  const over = await told("resolved", { kind: "opsgenie" }, {}, 90_000);
  assert.equal(over.path, "/hook/postern_1/close?identifierType=alias");
  assert.deepEqual(over.json, { source: "postern.example", note: "It is over after 90 seconds." });
});

test("Slack: the channel reads what happened, what was done, what is affected and what to do; nothing of it is markup", async () => {
  const { json } = await told("raised", {});
  assert.deepEqual(json, {
    text: "PAGE: mandrill: A provider is quarantined",
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: "*PAGE: mandrill: A provider is quarantined*" } },
      {
        type: "section",
        text: {
          type: "mrkdwn",
          text: [
            "It says that 4 canaries were delivered which none of our receivers has seen. &lt;!channel&gt; &amp; more",
            ...REST,
          ].join("\n"),
        },
      },
      { type: "context", elements: [{ type: "mrkdwn", text: "postern.example" }] },
    ],
  });
});

test("Slack: a text of nothing but markup stays within what a section holds", async () => {
  const { json } = await told("raised", {}, { sentence: "&".repeat(9_000) });
  const sections = (json["blocks"] as { text?: { text: string } }[]).flatMap(({ text }) => text?.text.length ?? []);
  assert.ok(sections.length > 0 && sections.every((length) => length <= 3_000), String(sections));
});

test("a webhook is signed as those of tenants are, over the bytes that arrive", async () => {
  const key = Buffer.alloc(32, 7);
  const { headers, body, json } = await told("raised", {
    kind: "webhook",
    key: new Secret(`whsec_${key.toString("base64")}`),
  });
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  assert.deepEqual([id, timestamp], ["postern_1_raised", String(AT / 1_000)]);
  const proof = createHmac("sha256", key)
    .update(`${String(id)}.${String(timestamp)}.`)
    .update(body)
    .digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${proof}`);
  assert.deepEqual(json, {
    type: "alert.raised",
    id: "postern_1",
    key: "quarantined mandrill",
    severity: "page",
    kind: "quarantined",
    provider: "mandrill",
    scope: "",
    sentence: ALERT.sentence,
    numbers: { claimed: 4 },
    title: "mandrill: A provider is quarantined",
    text: ALERT.sentence,
    did: DID,
    affected: "acme/resets, acme/receipts",
    next: NEXT,
    takeOn: TAKE_ON,
    acknowledgedBy: null,
    source: "postern.example",
    at: "2022-08-08T19:30:00.000Z",
  });
});

test("what a target answers is kept as a status and nothing more, and its Retry-After is heard", async () => {
  const busy = await startReceiver((_, response) =>
    response.writeHead(429, { "retry-after": "120" }).end("secret words"),
  );
  const out = createEgress({
    clock: systemClock,
    ca: TEST_CERTIFICATE,
    permitted: [{ address: "127.0.0.1", port: busy.port }],
    resolve: () => Promise.resolve(["127.0.0.1"]),
  });
  const result = await tellByHttp(out, { url: busy.url, headers: {}, body: Buffer.from("{}") });
  out.close();
  await busy.stop();
  assert.deepEqual(result, { kind: "failed", error: "answered 429", isRefusal: false, retryAfterMs: 120_000 });
});
