import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Secret } from "../../src/kernel/index.ts";
import type { VendorFormat } from "../../src/mail/index.ts";
import { eventually } from "../support/eventually.ts";
import type { Received } from "../support/https-receiver.ts";
import { webhookWorlds } from "../support/webhook-world.ts";
import { KEYS } from "./formats.ts";

const { world } = webhookWorlds();
const hook =
  (format: VendorFormat) =>
  ({ url }: { url: string }) => [{ name: "app", url, events: null, format, secret: new Secret(KEYS[format].secret) }];
const recipientOf = ({ body }: Received): string => (JSON.parse(body.toString()) as { Recipient: string }).Recipient;

describe("an event about two, told by a call for each", () => {
  test("that fails for one is repeated for that one only, with the same body", async (context) => {
    let alice = 500;
    const { clock, receiver, start, happens, rowsWhen } = await world(context, {
      webhooks: hook("postmark"),
      answer: (received, response) => response.writeHead(recipientOf(received).startsWith("alice") ? alice : 200).end(),
    });
    await happens("message.delivered", { response: "250 OK" });
    const notifier = start();
    const [row] = await rowsWhen((one) => one.last_error !== null);
    assert.equal(row?.last_error, "answered 500");
    assert.deepEqual(receiver.received.map(recipientOf), ["alice@example.test", "bob@example.test"]);
    alice = 200;
    clock.shift(10_000);
    notifier.wake();
    await rowsWhen((one) => one.state === "delivered");
    assert.deepEqual(receiver.received.map(recipientOf).slice(2), ["alice@example.test"]);
    assert.deepEqual(receiver.received[2]!.body, receiver.received[0]!.body);
  });

  test("stops at a receiver that is not there", async (context) => {
    const { receiver, start, happens, rowsWhen } = await world(context, {
      webhooks: hook("postmark"),
      answer: (_, response) => response.socket!.destroy(),
    });
    await happens("message.delivered");
    start();
    await rowsWhen((one) => one.last_error !== null);
    assert.equal(receiver.received.length, 1);
  });
});

describe("a status with which receivers of a provider say: never again", () => {
  for (const [format, status] of [
    ["mailgun", 406],
    ["postmark", 403],
  ] as const) {
    test(`${format}: ${status} ends a delivery`, async (context) => {
      const { start, happens, rowsWhen } = await world(context, {
        webhooks: hook(format),
        answer: (_, response) => response.writeHead(status).end(),
      });
      await happens("message.delivered", { recipients: [0] });
      start();
      const [row] = await rowsWhen((one) => one.state === "gave-up");
      assert.equal(row?.last_error, `answered ${status}`);
    });
  }
});

test("a try made later has a time of its own and the same event", async (context) => {
  const { clock, receiver, start, happens } = await world(context, {
    webhooks: hook("mailgun"),
    answer: (_, response) => response.writeHead(500).end(),
  });
  await happens("message.delivered", { recipients: [0] });
  const notifier = start();
  await eventually(() => receiver.received.length === 1);
  await eventually(() => {
    clock.shift(10_000);
    notifier.wake();
    return receiver.received.length >= 2;
  });
  const [first, second] = receiver.received.map(
    ({ body }) => JSON.parse(body.toString()) as { signature: Record<string, string>; "event-data": unknown },
  );
  assert.deepEqual(first!["event-data"], second!["event-data"]);
  for (const name of ["timestamp", "token", "signature"])
    assert.notEqual(first!.signature[name], second!.signature[name]);
});

test("what a webhook of another format was to be told, and this one has no word for, is given up and says so", async (context) => {
  const { database, tenant, receiver, start, happens, rowsWhen } = await world(context, { webhooks: hook("postmark") });
  const { eventId } = await happens("message.held");
  await database.query(
    "INSERT INTO webhook_deliveries (event_id, webhook, tenant, state, due_at) VALUES ($1, 'app', $2, 'waiting', now())",
    [eventId, tenant],
  );
  start();
  const [row] = await rowsWhen((one) => one.state === "gave-up");
  assert.equal(row?.last_error, "the webhook's format has no word for this event");
  assert.equal(receiver.received.length, 0);
});
