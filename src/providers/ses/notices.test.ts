import assert from "node:assert/strict";
import { test } from "node:test";
import { eventsOf } from "./notices.ts";

const MAIL = { messageId: "m-1", destination: ["a@b.example", "c@d.example"] };
const read = (notice: Record<string, unknown>) => eventsOf({ mail: MAIL, ...notice }, { messageId: "n-1", at: 1_000 });
const brief = (notice: Record<string, unknown>) =>
  read(notice).map(({ type, recipient, bounce, rejectReason }) => [type, recipient, bounce, rejectReason]);

const bounced = (bounceType: string, bounceSubType: string) => ({
  eventType: "Bounce",
  bounce: {
    bounceType,
    bounceSubType,
    bouncedRecipients: [{ emailAddress: "a@b.example", diagnosticCode: "smtp; 550\r\n no" }],
  },
});

test("only a mailbox that refused for good is a hard bounce", () => {
  const how = (type: string, subType: string) => read(bounced(type, subType))[0]?.bounce;
  assert.equal(how("Permanent", "General"), "hard");
  assert.equal(how("Permanent", "NoEmail"), "hard");
  for (const subType of [
    "General",
    "MailboxFull",
    "MessageTooLarge",
    "CustomTimeoutExceeded",
    "ContentRejected",
    "AttachmentRejected",
  ]) {
    assert.equal(how("Transient", subType), "soft", subType);
  }
  assert.equal(how("Undetermined", "Undetermined"), "soft");
  assert.equal(how("SomethingNew", ""), "soft");
});

test("an address on a list of the account is not silenced everywhere by it", () => {
  for (const subType of [
    "Suppressed",
    "OnAccountSuppressionList",
    "OnTenantSuppressionList",
    "EmailValidationSuppressed",
  ]) {
    assert.equal(read(bounced("Permanent", subType))[0]?.bounce, "soft", subType);
  }
});

test("what the receiving server said is one line", () => {
  assert.equal(read(bounced("Permanent", "General"))[0]?.mtaResponse, "smtp; 550 no");
});

test("a complaint is one only if somebody complained", () => {
  const said = (complaint: Record<string, unknown>) =>
    brief({
      eventType: "Complaint",
      complaint: { complainedRecipients: [{ emailAddress: "a@b.example" }], ...complaint },
    });
  assert.deepEqual(said({ complaintFeedbackType: "abuse" }), [["complained", "a@b.example", null, "spam"]]);
  assert.deepEqual(said({ complaintSubType: "OnAccountSuppressionList" }), [
    ["rejected", "a@b.example", null, "blocked"],
  ]);
  assert.deepEqual(said({ complaintFeedbackType: "not-spam" }), [["unknown", "a@b.example", null, null]]);
});

test("a delay is a delay, of those it names", () => {
  const [event, ...others] = read({
    eventType: "DeliveryDelay",
    deliveryDelay: {
      delayType: "MailboxFull",
      delayedRecipients: [{ emailAddress: "a@b.example", diagnosticCode: "smtp; 452 4.2.2" }],
    },
  });
  assert.deepEqual(
    [event?.type, event?.recipient, event?.description, event?.bounce],
    ["deferred", "a@b.example", "MailboxFull", null],
  );
  assert.equal(others.length, 0);
});

test("what speaks of no recipient in particular speaks of all", () => {
  assert.deepEqual(brief({ eventType: "Reject", reject: { reason: "Bad content" } }), [
    ["rejected", "a@b.example", null, "blocked"],
    ["rejected", "c@d.example", null, "blocked"],
  ]);
  assert.deepEqual(
    brief({ eventType: "Send", send: {} }).map(([type]) => type),
    ["sent", "sent"],
  );
});

test("a click and an open", () => {
  const [click] = read({ eventType: "Click", click: { link: "https://a.example/x", userAgent: "M" } });
  assert.deepEqual([click?.type, click?.url, click?.userAgent], ["clicked", "https://a.example/x", "M"]);
  assert.equal(read({ eventType: "Open", open: {} })[0]?.type, "opened");
});

test("subscriptions, taken back or given", () => {
  const change = (newTopicPreferences: unknown) =>
    read({ eventType: "Subscription", subscription: { contactList: "L", newTopicPreferences } })[0]?.type;
  assert.equal(change({ unsubscribeAll: true }), "unsubscribed");
  assert.equal(
    change({ unsubscribeAll: false, topicSubscriptionStatus: [{ topicName: "T", subscriptionStatus: "OptOut" }] }),
    "unsubscribed",
  );
  assert.equal(
    change({ unsubscribeAll: false, topicSubscriptionStatus: [{ topicName: "T", subscriptionStatus: "OptIn" }] }),
    "subscribed",
  );
});

test("what nobody knows is told as that", () => {
  assert.deepEqual(
    brief({ eventType: "Teleported" }).map(([type]) => type),
    ["unknown", "unknown"],
  );
  assert.equal(read({ eventType: "constructor" })[0]?.type, "unknown");
  assert.equal(read({ eventType: "__proto__" })[0]?.type, "unknown");
});

test("our ids and the marks of senders come back; those of SES do not", () => {
  const [event] = eventsOf(
    {
      eventType: "Send",
      mail: {
        ...MAIL,
        tags: { postern_attempt: ["a-1"], postern_id: ["s-1"], "ses:source-ip": ["192.0.2.1"], campaign: ["spring"] },
        headers: [
          { name: "X-Tag", value: "one" },
          { name: "X-Metadata", value: '{"order":7}' },
        ],
      },
    },
    { messageId: "n-1", at: 1_000 },
  );
  assert.deepEqual([event?.attemptId, event?.spoolId, event?.tags], ["a-1", "s-1", ["one"]]);
  assert.deepEqual(event?.metadata, { order: "7", campaign: "spring" });
});

test("any shape of notice is read without a throw", () => {
  for (const odd of [null, 7, "x", [], [null], {}, { bouncedRecipients: 7 }, { bouncedRecipients: [null, 3, {}] }]) {
    for (const kind of ["Bounce", "Complaint", "Delivery", "DeliveryDelay", "Subscription", "Open", "Received"]) {
      eventsOf(
        { eventType: kind, bounce: odd, complaint: odd, delivery: odd, deliveryDelay: odd, mail: odd },
        { messageId: null, at: null },
      );
    }
  }
});
