import assert from "node:assert/strict";
import { test } from "node:test";
import { ENVIRONMENT, GOOD, load, mistakesOf } from "./config-for-tests.ts";
import { NO_ALERTS } from "./index.ts";

const KEYS = { ...ENVIRONMENT, SLACK: "https://hooks.slack.example/x", CLEAR: "http://hooks.example/x" };
const alerts = (text: string) => `${GOOD}\nalerts: ${text}\n`;
const target = (text: string) => alerts(`{ targets: [{ name: one, ${text} }] }`);

test("without the key nobody is told, and pages would be told again every half an hour", () => {
  assert.deepEqual(load(GOOD).alerts, NO_ALERTS);
  assert.deepEqual([NO_ALERTS.repeatEveryMs, NO_ALERTS.repeat, NO_ALERTS.quietMs], [1_800_000, ["page"], 60_000]);
});

test("targets hear of everything unless they say otherwise", () => {
  const text =
    "{ targets: [{ name: post, kind: mail, from: a@ops.example, to: [b@ops.example], via: harbour }], repeatEvery: 5m, repeat: [], quiet: 0s, privateNetworks: [10.1.0.0/16] }";
  const { targets, ...rest } = load(alerts(text), KEYS).alerts;
  assert.deepEqual(rest, { repeatEveryMs: 300_000, repeat: [], quietMs: 0, privateNetworks: ["10.1.0.0/16"] });
  assert.deepEqual(targets, [
    { name: "post", kind: "mail", url: null, key: null, region: "us", from: "a@ops.example", to: ["b@ops.example"], via: "harbour", severities: ["page", "notice"] }, // prettier-ignore
  ]);
});

for (const [what, text, mistake] of [
  [
    "mail without an author",
    "kind: mail, to: [b@ops.example]",
    "from: is missing: a target of the kind mail needs an author.",
  ],
  ["mail to nobody", "kind: mail, from: a@ops.example", "to: is missing: a target of the kind mail needs addresses."],
  [
    "mail to no address",
    "kind: mail, from: a@ops.example, to: [duty]",
    'to[0]: must be one address, such as duty@example.com; it says "duty".',
  ],
  [
    "mail by a stranger",
    "kind: mail, from: a@ops.example, to: [b@ops.example], via: harbor",
    "via: there is no provider named harbor. Did you mean harbour?",
  ],
  ["a page in clear", "kind: slack, url: env:CLEAR", "url: must be an https address."],
  [
    "PagerDuty at Atlassian",
    "kind: pagerduty, key: env:ACME_KEY, region: atlassian",
    "region: atlassian is where accounts of Opsgenie moved to: its kind must be opsgenie.",
  ],
  [
    "a webhook with a key of another kind",
    "kind: webhook, url: env:SLACK, key: env:ACME_KEY",
    'key: must be "whsec_" and the base64 of 24 to 64 random bytes: echo "whsec_$(openssl rand -base64 32)" makes one.',
  ],
] as const)
  test(`${what} is a mistake`, () => {
    assert.deepEqual(mistakesOf(target(text), KEYS), [`alerts.targets[0].${mistake}`]);
  });
