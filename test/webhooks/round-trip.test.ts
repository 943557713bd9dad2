import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Secret } from "../../src/kernel/index.ts";
import { signedBySns, sesCertificate, snsHeaders } from "../../src/lab/twins/ses-notice.ts";
import { type DeliveryEvent, kindsTold, type VendorFormat } from "../../src/mail/index.ts";
import { RECEIVERS, type WebhookAnswer } from "../../src/providers/index.ts";
import { eventually } from "../support/eventually.ts";
import type { Received } from "../support/https-receiver.ts";
import { webhookWorlds } from "../support/webhook-world.ts";
import { KEYS } from "./formats.ts";

/** What was told in a vendor's words is read by the adapter that reads that vendor's own notices. */
async function read(format: VendorFormat, url: string, { headers, body }: Received): Promise<WebhookAnswer> {
  const now = Date.now();
  const { receiver } = KEYS[format];
  const seen = new Set<string>();
  const parts = { now, isNew: (id: string) => !seen.has(id) && Boolean(seen.add(id)), certificate };
  const request = { method: "POST", url, headers: headers as Record<string, string>, body };
  return RECEIVERS[format](format === "ses" ? enveloped(request) : request, receiver, parts);
}
const certificate = (url: string) => Promise.resolve(sesCertificate(url, Date.now()));

/** Raw delivery leaves out SNS' envelope, which is all the adapter believes: it is put around by a signer of the lab. */
function enveloped(request: { method: string; url: string; headers: Record<string, string>; body: Buffer }) {
  const fields = signedBySns(
    {
      Type: "Notification",
      MessageId: request.headers["x-amz-sns-message-id"]!,
      TopicArn: KEYS.ses.receiver.topicArn!,
      Message: request.body.toString(),
      Timestamp: new Date().toISOString(),
    },
    Date.now(),
  );
  const { authorization } = request.headers;
  return {
    ...request,
    headers: { ...snsHeaders(fields), authorization: authorization! },
    body: Buffer.from(JSON.stringify(fields)),
  };
}

type Case = { kind: string; detail?: Record<string, unknown>; reads: Partial<Record<VendorFormat, string>> };
const everywhere = (word: string) =>
  ({ mandrill: word, sendgrid: word, postmark: word, mailgun: word, resend: word, ses: word }) as const;

/** Bounces are written with whether they are for good. */
const CASES: Readonly<Record<string, Case>> = {
  accepted: { kind: "message.accepted", reads: { sendgrid: "queued", mailgun: "queued", ses: "sent" } },
  "handed off": { kind: "message.handed-off", reads: { mandrill: "sent", resend: "sent" } },
  delivered: { kind: "message.delivered", detail: { response: "250 2.0.0 OK" }, reads: everywhere("delivered") },
  deferred: {
    kind: "message.deferred",
    detail: { cause: "rate-limited", attempt: 2 },
    reads: { mandrill: "deferred", sendgrid: "deferred", mailgun: "deferred", resend: "deferred", ses: "deferred" },
  },
  delayed: { kind: "message.delayed", detail: { response: "450 4.2.2 Full" }, reads: everywhere("deferred") },
  "bounced for good": {
    kind: "message.bounced",
    detail: { bounce: "hard", response: "550 5.1.1 No such user" },
    reads: everywhere("bounced hard"),
  },
  "bounced for now": {
    kind: "message.bounced",
    detail: { bounce: "soft", response: "552 5.2.2 Full" },
    // Mailgun knows what is over and what goes on, and this is over.
    reads: { ...everywhere("bounced soft"), mailgun: "bounced hard" },
  },
  "refused for its recipient": {
    kind: "message.rejected",
    detail: { cause: "mailbox-unavailable", diagnostic: "550 5.1.1 No such user" },
    reads: everywhere("bounced hard"),
  },
  "refused for what it is": {
    kind: "message.rejected",
    detail: { cause: "message-refused", diagnostic: "554 5.6.0 Not like this" },
    reads: { ...everywhere("rejected"), resend: "failed" },
  },
  expired: {
    kind: "message.expired",
    detail: { reason: "ttl" },
    reads: { ...everywhere("bounced soft"), mailgun: "bounced hard", resend: "failed" },
  },
  suppressed: {
    kind: "message.suppressed",
    // Mailgun and SES say of their lists that the mail bounced.
    reads: { ...everywhere("rejected"), mailgun: "bounced hard", ses: "bounced soft" },
  },
  complained: { kind: "message.complained", reads: everywhere("complained") },
  opened: { kind: "message.opened", detail: { userAgent: "Mozilla/5.0" }, reads: everywhere("opened") },
  clicked: {
    kind: "message.clicked",
    detail: { userAgent: "Mozilla/5.0", url: "https://acme.test/x?a=b&c=d" },
    reads: everywhere("clicked"),
  },
  unsubscribed: {
    kind: "message.unsubscribed",
    reads: {
      mandrill: "unsubscribed",
      sendgrid: "unsubscribed",
      postmark: "unsubscribed",
      mailgun: "unsubscribed",
      ses: "unsubscribed",
    },
  },
  held: { kind: "message.held", detail: { reason: "x" }, reads: {} },
  cancelled: { kind: "message.cancelled", detail: { actor: "x" }, reads: {} },
};

const { world } = webhookWorlds();
const typeOf = ({ type, bounce }: DeliveryEvent): string => (bounce === null ? type : `${type} ${bounce}`);

for (const format of Object.keys(KEYS) as VendorFormat[]) {
  describe(`told in the words of ${format}`, () => {
    test("each event is read as what it was, with its recipients, ids and labels", async (context) => {
      const { database, receiver, start, happens, rowsWhen } = await world(context, {
        webhooks: ({ url }) => [{ name: "app", url, events: null, format, secret: new Secret(KEYS[format].secret) }],
      });
      const told = Object.values(CASES).filter((one) => one.reads[format] !== undefined);
      const happened = new Map<string, Case>();
      for (const one of Object.values(CASES)) {
        const { spoolId } = await happens(one.kind, { ...one.detail, recipients: [1] });
        await database.query("UPDATE messages SET tags = $2 WHERE spool_id = $1", [
          spoolId,
          { welcome: "", order: "7" },
        ]);
        await database.query("UPDATE messages SET header_message_id = $2 WHERE spool_id = $1", [
          spoolId,
          `<${spoolId}@acme.test>`,
        ]);
        happened.set(spoolId, one);
      }
      start();
      await rowsWhen((row) => row.state === "delivered", told.length);
      assert.equal(receiver.received.length, told.length, "and what it has no word for is not sent");
      for (const received of receiver.received) {
        const answer = await read(format, receiver.url, received);
        assert.ok(answer.kind === "events", JSON.stringify(answer));
        const [event, ...others] = answer.events;
        assert.deepEqual(others, []);
        const id = event!.providerMessageId!.replace(/@acme\.test>$/, "").replace("<", "");
        const spoolId = id.includes("-") ? id : id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
        const one = happened.get(spoolId);
        assert.ok(one, `whose id is ${id}?`);
        assert.equal(typeOf(event!), one.reads[format], one.kind);
        assert.equal(event!.recipient, "bob@example.test");
        assert.ok(event!.eventId !== null || format === "postmark");
        if (format !== "ses")
          assert.ok(
            event!.at === null ||
              event!.at === Date.parse("2026-11-24T10:00:00.123Z") ||
              event!.at === Date.parse("2026-11-24T10:00:00Z"),
          );
        assert.equal(event!.metadata["order"], "7");
        if (format !== "resend" && format !== "ses") assert.deepEqual(event!.tags, ["welcome"]);
        if (one.kind === "message.clicked") assert.equal(event!.url, "https://acme.test/x?a=b&c=d");
        if (one.kind === "message.delivered" && format !== "mandrill" && format !== "resend")
          assert.equal(event!.mtaResponse, "250 2.0.0 OK");
      }
    });

    test("of a message to two, each hears of it once, under an id of his own", async (context) => {
      const { receiver, start, happens, rowsWhen } = await world(context, {
        webhooks: ({ url }) => [
          { name: "app", url, events: ["message.bounced"], format, secret: new Secret(KEYS[format].secret) },
        ],
      });
      await happens("message.bounced", { bounce: "hard", response: "550 5.1.1 No" });
      start();
      await rowsWhen((row) => row.state === "delivered");
      const events: DeliveryEvent[] = [];
      for (const received of receiver.received) {
        const answer = await read(format, receiver.url, received);
        assert.ok(answer.kind === "events");
        events.push(...answer.events);
      }
      assert.deepEqual(
        events.map((one) => one.recipient),
        ["alice@example.test", "bob@example.test"],
      );
    });

    test("a bit that changed on the way is refused", async (context) => {
      const { receiver, start, happens } = await world(context, {
        webhooks: ({ url }) => [{ name: "app", url, events: null, format, secret: new Secret(KEYS[format].secret) }],
      });
      await happens("message.delivered", { recipients: [0] });
      start();
      await eventually(() => receiver.received.length > 0);
      const [received] = receiver.received;
      for (const forged of FORGERIES[format](received!)) {
        const answer = await read(format, receiver.url, forged);
        assert.equal(answer.kind, "refused", JSON.stringify(answer));
      }
      assert.equal((await read(format, receiver.url, received!)).kind, "events");
    });
  });
}

const flipped = (received: Received): Received => {
  const body = Buffer.from(received.body);
  body[body.length - 5]! ^= 1;
  return { ...received, body };
};
const header = (received: Received, name: string, value: string): Received => ({
  ...received,
  headers: { ...received.headers, [name]: value },
});
/** What a signature covers; Postmark and raw SNS have none, so that only the caller is known. */
const FORGERIES: Readonly<Record<VendorFormat, (received: Received) => Received[]>> = {
  mandrill: (one) => [flipped(one), header(one, "x-mandrill-signature", "AAAA")],
  sendgrid: (one) => [flipped(one), header(one, "x-twilio-email-event-webhook-timestamp", "1")],
  resend: (one) => [flipped(one), header(one, "svix-id", "evt_other"), header(one, "svix-timestamp", "1")],
  mailgun: (one) => [{ ...one, body: Buffer.from(one.body.toString().replace(/"token":"./, '"token":"_')) }],
  postmark: (one) => [header(one, "authorization", "Basic AAAA")],
  ses: (one) => [header(one, "authorization", "Basic AAAA")],
};

test("every event a format can tell has been told here", () => {
  for (const format of Object.keys(KEYS) as VendorFormat[]) {
    const told = Object.values(CASES).flatMap((one) => (one.reads[format] === undefined ? [] : [one.kind]));
    assert.deepEqual([...new Set(told)].toSorted(), kindsTold(format)!.toSorted(), format);
  }
});
