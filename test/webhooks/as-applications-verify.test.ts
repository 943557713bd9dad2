import assert from "node:assert/strict";
import { createHmac, createPublicKey, createVerify, timingSafeEqual } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import type { Models } from "postmark";
import { Resend } from "resend";
import { idThere } from "../../src/accept/compat/mandrill/ids.ts";
import { Secret } from "../../src/kernel/index.ts";
import type { VendorFormat } from "../../src/mail/index.ts";
import type { Received } from "../support/https-receiver.ts";
import { webhookWorlds } from "../support/webhook-world.ts";
import { KEYS, SENDGRID_PUBLIC_KEY } from "./formats.ts";

const { world } = webhookWorlds();

/** One event told to a receiver, and what came there. */
async function told(context: TestContext, format: VendorFormat, kind: string, detail: Record<string, unknown>) {
  const { receiver, start, happens, rowsWhen } = await world(context, {
    webhooks: ({ url }) => [{ name: "app", url, events: null, format, secret: new Secret(KEYS[format].secret) }],
  });
  const { spoolId } = await happens(kind, { recipients: [1], ...detail });
  start();
  await rowsWhen((row) => row.state === "delivered");
  const [received] = receiver.received;
  assert.ok(received);
  return { spoolId, received, url: receiver.url, text: received.body.toString() };
}
const field = ({ headers }: Received, name: string): string => String(headers[name]);

describe("an application verifies as its provider tells it to", () => {
  test("Resend: with the client's own verify()", async (context) => {
    const { spoolId, received, text } = await told(context, "resend", "message.bounced", {
      bounce: "hard",
      response: "550 5.1.1 No such user",
    });
    const verify = (payload: string) =>
      new Resend("re_not_used").webhooks.verify({
        payload,
        headers: {
          id: field(received, "svix-id"),
          timestamp: field(received, "svix-timestamp"),
          signature: field(received, "svix-signature"),
        },
        webhookSecret: KEYS.resend.secret,
      });
    const event = verify(text);
    assert.ok(event.type === "email.bounced");
    assert.deepEqual(event.data, {
      created_at: "2026-11-24T10:00:00.000Z",
      email_id: spoolId,
      message_id: "<m1@acme.test>",
      from: "a@acme.test",
      to: ["bob@example.test"],
      subject: "",
      tags: { order: "7" },
      bounce: {
        type: "Permanent",
        subType: "General",
        message: "550 5.1.1 No such user",
        diagnosticCode: ["550 5.1.1 No such user"],
      },
    } as typeof event.data);
    assert.throws(() => verify(text.replace("bob@", "bot@")));
  });

  test("SendGrid: as @sendgrid/eventwebhook does, over the time and the raw body", async (context) => {
    const { spoolId, received, text } = await told(context, "sendgrid", "message.delivered", { response: "250 OK" });
    const key = createPublicKey({ key: Buffer.from(SENDGRID_PUBLIC_KEY, "base64"), format: "der", type: "spki" });
    const isGenuine = (body: string) =>
      createVerify("sha256")
        .update(field(received, "x-twilio-email-event-webhook-timestamp") + body)
        .verify(key, field(received, "x-twilio-email-event-webhook-signature"), "base64");
    assert.equal(isGenuine(text), true);
    assert.equal(isGenuine(text.replace("bob@", "bot@")), false);
    const [event] = JSON.parse(text) as Record<string, unknown>[];
    assert.equal(String(event!["sg_message_id"]).split(".")[0], spoolId, "begins with what X-Message-Id was");
    assert.equal(event!["timestamp"], 1795514400);
    assert.equal(event!["order"], "7", "a custom argument stands beside the fields");
  });

  test("Mandrill: key, address as it was typed in, and each field's name and value", async (context) => {
    const { spoolId, received, text, url } = await told(context, "mandrill", "message.handed-off", {});
    const form = Object.fromEntries(new URLSearchParams(text));
    const signed = Object.keys(form)
      .toSorted()
      .reduce((sum, name) => sum + name + form[name]!, url);
    const expected = createHmac("sha1", KEYS.mandrill.secret).update(signed, "utf8").digest("base64");
    assert.equal(received.headers["x-mandrill-signature"], expected);
    const [event] = JSON.parse(form["mandrill_events"]!) as {
      event: string;
      msg: Record<string, unknown>;
      [name: string]: unknown;
    }[];
    assert.equal(event!.event, "send");
    assert.equal(event!["_id"], idThere(spoolId), "as messages/send answered");
    assert.deepEqual(event!.msg["metadata"], { order: "7" });
  });

  test("Mailgun: timestamp and token in the body", async (context) => {
    const { text } = await told(context, "mailgun", "message.delivered", { response: "250 OK" });
    const { signature, "event-data": data } = JSON.parse(text) as {
      signature: { timestamp: string; token: string; signature: string };
      "event-data": Record<string, unknown> & { message: { headers: Record<string, string> } };
    };
    const expected = createHmac("sha256", KEYS.mailgun.secret)
      .update(signature.timestamp.concat(signature.token))
      .digest("hex");
    assert.ok(timingSafeEqual(Buffer.from(expected), Buffer.from(signature.signature)));
    assert.equal(signature.token.length, 50);
    assert.equal(data["timestamp"], 1795514400.123);
    assert.equal(`<${data.message.headers["message-id"]}>`, "<m1@acme.test>", "as messages answered, without brackets");
  });

  test("Postmark: by the password, and finds every field that its client's types name", async (context) => {
    const { spoolId, received, text } = await told(context, "postmark", "message.bounced", {
      bounce: "hard",
      response: "550 5.1.1 No such user",
    });
    assert.equal(field(received, "authorization"), `Basic ${Buffer.from(KEYS.postmark.secret).toString("base64")}`);
    const bounce = JSON.parse(text) as Models.BounceWebhook;
    const expected: Models.BounceWebhook = {
      RecordType: "Bounce",
      ID: bounce.ID,
      Type: "HardBounce",
      TypeCode: 1,
      Name: "Hard bounce",
      Tag: "",
      MessageID: spoolId,
      ServerID: 0,
      MessageStream: "alerts",
      Description: "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
      Details: "550 5.1.1 No such user",
      Email: "bob@example.test",
      From: "a@acme.test",
      BouncedAt: "2026-11-24T10:00:00.123Z",
      DumpAvailable: false,
      Inactive: true,
      CanActivate: false,
      Subject: "",
      Metadata: { order: "7" },
    };
    assert.deepEqual(bounce, expected);
    assert.ok(Number.isSafeInteger(bounce.ID) && bounce.ID > 0);
  });

  test("SES: the event itself is the body, as SNS delivers it raw", async (context) => {
    const { spoolId, received, text } = await told(context, "ses", "message.complained", {});
    assert.equal(field(received, "x-amz-sns-rawdelivery"), "true");
    assert.equal(field(received, "authorization"), `Basic ${Buffer.from(KEYS.ses.secret).toString("base64")}`);
    assert.match(field(received, "x-amz-sns-message-id"), /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const event = JSON.parse(text) as {
      eventType: string;
      mail: Record<string, unknown>;
      complaint: Record<string, unknown>;
    };
    assert.equal(event.eventType, "Complaint");
    assert.equal(event.mail["messageId"], spoolId);
    assert.deepEqual(event.mail["tags"], { order: ["7"] });
    assert.deepEqual(event.complaint["complainedRecipients"], [{ emailAddress: "bob@example.test" }]);
  });
});

test("where there is no signature, a header field may stand for the password", async (context) => {
  const { receiver, start, happens, rowsWhen } = await world(context, {
    webhooks: ({ url }) => [
      { name: "app", url, events: null, format: "postmark", secret: new Secret("X-Token: 0123456789abcdef") },
    ],
  });
  await happens("message.delivered", { recipients: [0] });
  start();
  await rowsWhen((row) => row.state === "delivered");
  assert.equal(receiver.received[0]?.headers["x-token"], "0123456789abcdef");
  assert.equal(receiver.received[0]?.headers.authorization, undefined);
});
