import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlertTargetSettings } from "../config/index.ts";
import { Secret } from "../kernel/index.ts";
import type { Alert, Telling } from "./alert.ts";
import { callFor } from "./dialects.ts";

const ALERT: Alert = {
  key: "quarantined mandrill",
  severity: "page",
  kind: "quarantined",
  provider: "mandrill",
  scope: "",
  sentence: "It says that 4 canaries were delivered which none of our receivers has seen. <!channel> & more",
  numbers: { claimed: 4 },
  at: Date.UTC(2022, 7, 8, 19, 30),
};
const said = (
  kind: AlertTargetSettings["kind"],
  telling: Telling,
  but: Partial<AlertTargetSettings> = {},
  alert = ALERT,
) => {
  const target: AlertTargetSettings = {
    name: "t",
    kind,
    url: new Secret("https://in.example/hook"),
    key: new Secret(kind === "webhook" ? `whsec_${Buffer.alloc(32, 7).toString("base64")}` : "key-of-it"),
    region: "us",
    severities: ["page"],
    ...but,
  };
  const call = callFor({ alert, telling, id: "postern_1", source: "postern.example", now: ALERT.at }, target);
  return { ...call, body: JSON.parse(String(call.body)) as Record<string, never> & { payload: never } };
};

test("PagerDuty: one event opens an incident, one with the same key resolves it", () => {
  const { url, body } = said("pagerduty", "raised");
  assert.equal(url, "https://events.pagerduty.com/v2/enqueue");
  assert.deepEqual(body, {
    routing_key: "key-of-it",
    dedup_key: "postern_1",
    event_action: "trigger",
    payload: {
      summary: `mandrill: A provider is quarantined. ${ALERT.sentence}`,
      source: "postern.example",
      severity: "critical",
      timestamp: "2022-08-08T19:30:00.000Z",
      component: "mandrill",
      class: "quarantined",
      custom_details: {
        claimed: 4,
        next: "Nothing is handed to it any more. It comes back only by two people, after its keys were changed: postern provider release mandrill",
      },
    },
  });
  const { body: over } = said("pagerduty", "resolved");
  assert.deepEqual(over, { routing_key: "key-of-it", dedup_key: "postern_1", event_action: "resolve" });
  const long = said("pagerduty", "raised", {}, { ...ALERT, sentence: "x".repeat(5_000) });
  assert.equal((long.body.payload as { summary: string }).summary.length, 1_024);
});

test("Opsgenie: an alert under an alias, closed by it, in the region of the account", () => {
  const { url, headers, body } = said("opsgenie", "raised", { region: "eu" });
  assert.equal(url, "https://api.eu.opsgenie.com/v2/alerts");
  assert.equal(headers["authorization"], "GenieKey key-of-it");
  const { message, alias, priority, details } = body as Record<string, unknown>;
  assert.deepEqual(
    { message, alias, priority, details },
    {
      message: "mandrill: A provider is quarantined",
      alias: "postern_1",
      priority: "P1",
      details: { claimed: "4" },
    },
  );
  const over = said("opsgenie", "resolved");
  assert.equal(over.url, "https://api.opsgenie.com/v2/alerts/postern_1/close?identifierType=alias");
});

test("Slack: nothing of a text is taken for its markup", () => {
  const { body } = said("slack", "raised");
  const text = JSON.stringify(body);
  assert.match(text, /PAGE: mandrill: A provider is quarantined/);
  assert.match(text, /&lt;!channel&gt; &amp; more/);
  assert.doesNotMatch(text, /<!channel>/);
});

test("a webhook of our own is signed, and says what to do next", () => {
  const { headers, body } = said("webhook", "raised");
  assert.match(headers["webhook-signature"] ?? "", /^v1,/);
  assert.equal(headers["webhook-id"], "postern_1_raised");
  const { type, key, next } = body as Record<string, unknown>;
  assert.deepEqual([type, key], ["alert.raised", "quarantined mandrill"]);
  assert.match(String(next), /two people/);
});
