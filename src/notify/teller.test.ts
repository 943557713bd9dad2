import assert from "node:assert/strict";
import { test } from "node:test";
import type { WebhookSettings } from "../config/index.ts";
import { type Clock, Secret } from "../kernel/index.ts";
import type { Egress, PostAnswer } from "./egress/index.ts";
import type { EventFacts } from "./payload.ts";
import { Teller } from "./teller.ts";

const RECIPIENTS = 40;
const WEBHOOK: WebhookSettings = {
  name: "app",
  url: "https://a.test/x",
  format: "postmark",
  secret: new Secret("user:0123456789abcdef"),
  events: null,
};
const FACTS: EventFacts = {
  eventId: 1,
  spoolId: "019ab3c0-6e2f-7c1a-9d53-0f6a5e1b2c3d",
  tenant: "acme",
  kind: "message.delivered",
  at: 0,
  detail: {},
  stream: "alerts",
  class: "C2",
  headerMessageId: "<m@acme.test>",
  author: "a@acme.test",
  returnPath: "b@acme.test",
  acceptedAt: 0,
  tags: {},
  recipients: Array.from({ length: RECIPIENTS }, (_, n) => `r${n}@x.test`),
};
const DELIVERY = { eventId: 1, tenant: "acme", webhook: "app", tries: 1 };

/** A receiver that needs its time, on a clock that only it moves. */
function slow(answer: (call: number) => PostAnswer) {
  let nowMs = 0;
  const recipients: string[] = [];
  const egress = {
    post(_url: string, _headers: object, body: Buffer) {
      nowMs += 2_000;
      recipients.push((JSON.parse(body.toString()) as { Recipient: string }).Recipient);
      return Promise.resolve(answer(recipients.length));
    },
  } as unknown as Egress;
  const clock = { now: () => nowMs, monotonicMs: () => nowMs } as unknown as Clock;
  return { teller: new Teller(egress, clock), recipients, now: () => nowMs };
}
const answered = (status: number): PostAnswer => ({ kind: "answered", status, retryAfterMs: null });

test("more calls than fit under a lease are made under several, and none twice", async () => {
  const { teller, recipients, now } = slow(() => answered(200));
  let leases = 0;
  for (let kind = "more"; kind === "more"; leases += 1) {
    const from = now();
    ({ kind } = await teller.tell(WEBHOOK, DELIVERY, FACTS));
    assert.ok(now() - from <= 30_000, `${now() - from} ms`);
  }
  assert.equal(leases, 4);
  assert.deepEqual(recipients, FACTS.recipients);
});

test("one refusal among many is what is answered, and only its call is made again", async () => {
  let sick = true;
  const { teller, recipients } = slow((call) => answered(call === 2 && sick ? 500 : 200));
  const facts = { ...FACTS, recipients: FACTS.recipients.slice(0, 3) };
  assert.deepEqual(await teller.tell(WEBHOOK, DELIVERY, facts), answered(500));
  sick = false;
  assert.equal((await teller.tell(WEBHOOK, { ...DELIVERY, tries: 2 }, facts)).kind, "answered");
  assert.deepEqual(recipients, ["r0@x.test", "r1@x.test", "r2@x.test", "r1@x.test"]);
});

test("what is remembered of unfinished deliveries is bounded: the oldest is told from its beginning", async () => {
  const { teller, recipients } = slow((call) => answered(call % 2 === 1 ? 200 : 500));
  const facts = { ...FACTS, recipients: FACTS.recipients.slice(0, 2) };
  for (let eventId = 1; eventId <= 1_001; eventId += 1) await teller.tell(WEBHOOK, { ...DELIVERY, eventId }, facts);
  recipients.length = 0;
  await teller.tell(WEBHOOK, { ...DELIVERY, eventId: 1_001 }, facts);
  assert.deepEqual(recipients, ["r1@x.test"]);
  recipients.length = 0;
  await teller.tell(WEBHOOK, { ...DELIVERY, eventId: 1 }, facts);
  assert.deepEqual(recipients, ["r0@x.test", "r1@x.test"]);
});
