import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { SpoolId } from "../../kernel/index.ts";
import type { MessageStory } from "../../spool/index.ts";
import { noPaint } from "../paint.ts";
import { displayWidth } from "../text.ts";
import { storyText } from "./story-text.ts";
import { summaryText } from "./summary-text.ts";

const NOW = Date.UTC(2025, 10, 24, 12, 0, 0);
const seconds = (n: number): number => NOW + n * 1_000;

const STORY: MessageStory = {
  spoolId: "019a2b3c-7b1e-7a3c-9d52-1f0a2b3c4d5e" as SpoolId,
  tenant: "acme",
  stream: "alerts",
  class: "C2",
  door: "smtp",
  state: "queued",
  heldReason: null,
  dueAt: seconds(40),
  acceptedAt: seconds(-130),
  sendAt: null,
  expiresAt: seconds(86_400 - 130),
  endedAt: null,
  returnPath: "bounce@acme.test",
  author: "alerts@acme.test",
  headerMessageId: "<one@acme.test>",
  sizeBytes: 5_018,
  tags: { kind: "outage" },
  recipients: [
    { address: "anna@example.org", state: "handed-off", reason: null },
    { address: "bob@example.net", state: "pending", reason: null },
    { address: "carol@example.com", state: "rejected", reason: "mailbox-unavailable" },
  ],
  attempts: [
    {
      n: 1,
      provider: "harbour",
      routeReason: "first preferred provider",
      recipients: [0, 1, 2],
      intentAt: seconds(-130),
      settledAt: seconds(-129.66),
      outcome: "deferred",
      scope: "account",
      cause: "rate-limited",
      replyCode: 451,
      enhancedStatus: "4.7.1",
      providerMessageId: null,
      diagnostic: "451 4.7.1 too many messages from this account just now, try again in a few minutes please\x1b[31m",
    },
    {
      n: 2,
      provider: "lantern",
      routeReason: "harbour was tried already; standby",
      recipients: [1],
      intentAt: seconds(-1),
      settledAt: null,
      outcome: null,
      scope: null,
      cause: null,
      replyCode: null,
      enhancedStatus: null,
      providerMessageId: null,
      diagnostic: null,
    },
    {
      n: 3,
      provider: "lantern",
      routeReason: "standby",
      recipients: [0],
      intentAt: seconds(-120),
      settledAt: seconds(-119.97),
      outcome: "accepted",
      scope: "message",
      cause: "accepted",
      replyCode: 250,
      enhancedStatus: "2.0.0",
      providerMessageId: "L-77",
      diagnostic: "2.0.0 Ok: queued as L-77",
    },
  ],
  events: [{ at: seconds(-60), kind: "message.retried", detail: { actor: "operator:cli" } }],
};

describe("the story of a message, at a terminal", () => {
  test("tells what it is, where it stands, what was tried and what was said", () => {
    assert.equal(
      storyText(STORY, NOW, 80, noPaint),
      `019a2b3c-7b1e-7a3c-9d52-1f0a2b3c4d5e
  State       queued: 2m 10s old, next try in 40s
  From        alerts@acme.test (returns to bounce@acme.test)
  Message-ID  <one@acme.test>
  Stream      acme/alerts, class C2
  Accepted    2m 10s ago over smtp (2025-11-24 11:57:50 UTC)
  Expires     in 23h (2025-11-25 11:57:50 UTC)
  Size        4.9 KiB
  Tag         kind = outage

Recipients
  1  handed-off  anna@example.org
  2  pending     bob@example.net
  3  rejected    carol@example.com (mailbox-unavailable)

Attempts
  1  harbour  deferred after 0.34s  2m 10s ago
     451 4.7.1 too many messages from this account just now, try again in a few
     minutes please\\x1b[31m [rate-limited, account]
     why there: first preferred provider
  2  lantern  its end is not known yet  1s ago
     why there: harbour was tried already; standby
     for recipient 2
  3  lantern  accepted after 0.030s  2m ago
     250 2.0.0 Ok: queued as L-77
     why there: standby
     for recipient 1

Events
  1m ago        message.retried actor=operator:cli`,
    );
  });

  test("an event tells what is known, and whom it is about by the numbers above", () => {
    const events = [
      { at: seconds(-60), kind: "message.delivered", detail: { provider: "lantern", response: null, recipients: [0] } },
      { at: seconds(-30), kind: "message.delayed", detail: { provider: "lantern", recipients: [0, 1, 2] } },
    ];
    const text = storyText({ ...STORY, events }, NOW, 80, noPaint);
    assert.deepEqual(text.split("\n").slice(-2), [
      "  1m ago        message.delivered provider=lantern for recipient 1",
      "  30s ago       message.delayed provider=lantern",
    ]);
  });

  test("no line is wider than the terminal", () => {
    for (const width of [60, 80, 100])
      for (const line of storyText(STORY, NOW, width, noPaint).split("\n"))
        assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
  });
});

describe("a message in a list", () => {
  const lines = (change: Partial<MessageStory>, width = 80): string[] =>
    summaryText({ ...STORY, ...change }, NOW, width, noPaint).split("\n");

  test("says where it stands, then from whom to whom", () => {
    assert.deepEqual(lines({}, 120), [
      "019a2b3c-7b1e-7a3c-9d52-1f0a2b3c4d5e  queued     2m 10s old, next try in 40s",
      "  acme/alerts C2  bounce@acme.test → anna@example.org and 2 others, 4.9 KiB",
    ]);
  });

  test("each state has its own words", () => {
    const standing = (change: Partial<MessageStory>): string => lines(change, 200)[0]!.slice(49);
    assert.equal(standing({ dueAt: seconds(-5) }), "2m 10s old, due now");
    assert.equal(standing({ state: "in-flight", dueAt: null }), "2m 10s old, on its way");
    assert.equal(standing({ state: "held", heldReason: "by-operator", dueAt: null }), "2m 10s old, by-operator");
    assert.equal(
      standing({ state: "ended", endedAt: seconds(-3), dueAt: null }),
      "handed-off, pending, rejected 3s ago",
    );
  });

  test("is cut to the terminal, whatever stands in it", () => {
    const long = {
      recipients: [{ address: `${"世".repeat(60)}@example.org`, state: "pending" as const, reason: null }],
    };
    for (const line of lines(long, 80)) assert.ok(displayWidth(line) <= 80, line);
  });

  test("a bounce has an empty return path", () => {
    assert.match(lines({ returnPath: "" }, 120)[1]!, / {2}<> → /);
  });
});
