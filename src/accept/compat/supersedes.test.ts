import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { compatDoor } from "../../../test/support/compat-door.ts";
import { API_KEY, AWS_KEY } from "../../../test/support/http-door.ts";
import { registerMailgun } from "./mailgun/index.ts";
import { registerMandrill } from "./mandrill/index.ts";
import { registerPostmark } from "./postmark/index.ts";
import { registerResend } from "./resend/index.ts";
import { registerSendGrid } from "./sendgrid/index.ts";
import { registerSes } from "./ses/index.ts";

const LOST = "019ab3c0-6e2f-7c1a-9d53-0f6a5e1b2c3d";
const HEADERS = { "X-Postern-Supersedes": LOST, "X-Own": "1" };
const [FROM, TO] = ["app@acme.test", "ada@example.com"];

const json = async (url: string, headers: Record<string, string>, body: unknown): Promise<void> => {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, await answer.text());
};

/** How each API sends a message with header fields of its own. */
const APIS: Record<string, { register: Parameters<typeof compatDoor>[0]; send(url: string): Promise<unknown> }> = {
  Mandrill: {
    register: registerMandrill,
    send: (url) =>
      json(
        `${url}/api/1.0/messages/send`,
        {},
        {
          key: API_KEY,
          message: { from_email: FROM, to: [{ email: TO }], subject: "Hello", text: "Hi", headers: HEADERS },
        },
      ),
  },
  SendGrid: {
    register: registerSendGrid,
    send: (url) =>
      json(
        `${url}/v3/mail/send`,
        { authorization: `Bearer ${API_KEY}` },
        {
          personalizations: [{ to: [{ email: TO }] }],
          from: { email: FROM },
          subject: "Hello",
          content: [{ type: "text/plain", value: "Hi" }],
          headers: HEADERS,
        },
      ),
  },
  Postmark: {
    register: registerPostmark,
    send: (url) =>
      json(
        `${url}/email`,
        { "x-postmark-server-token": API_KEY },
        {
          From: FROM,
          To: TO,
          Subject: "Hello",
          TextBody: "Hi",
          Headers: Object.entries(HEADERS).map(([Name, Value]) => ({ Name, Value })),
        },
      ),
  },
  Resend: {
    register: registerResend,
    send: (url) =>
      json(
        `${url}/emails`,
        { authorization: `Bearer ${API_KEY}` },
        {
          from: FROM,
          to: TO,
          subject: "Hello",
          text: "Hi",
          headers: HEADERS,
        },
      ),
  },
  Mailgun: {
    register: registerMailgun,
    async send(url) {
      const form = new FormData();
      const fields = {
        from: FROM,
        to: TO,
        subject: "Hello",
        text: "Hi",
        "h:X-Postern-Supersedes": LOST,
        "h:X-Own": "1",
      };
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      const authorization = `Basic ${Buffer.from(`api:${API_KEY}`).toString("base64")}`;
      const answer = await fetch(`${url}/v3/acme.test/messages`, {
        method: "POST",
        headers: { authorization },
        body: form,
      });
      assert.ok(answer.ok, await answer.text());
    },
  },
  "Amazon SES": {
    register: registerSes,
    async send(url) {
      const ses = new SESv2Client({ endpoint: url, region: "eu-central-1", credentials: AWS_KEY, maxAttempts: 1 });
      const Headers = Object.entries(HEADERS).map(([Name, Value]) => ({ Name, Value }));
      const Simple = { Subject: { Data: "Hello" }, Body: { Text: { Data: "Hi" } }, Headers };
      await ses.send(
        new SendEmailCommand({ FromEmailAddress: FROM, Destination: { ToAddresses: [TO] }, Content: { Simple } }),
      );
      ses.destroy();
    },
  },
};

for (const [name, { register, send }] of Object.entries(APIS))
  test(`${name}: a field of the header names the message whose place this one takes, and goes no further`, async (context: TestContext) => {
    const { door, port } = await compatDoor(register);
    context.after(() => door.stop());
    await send(door.url);
    const [submission] = port.submissions;
    assert.equal(submission!.supersedes, LOST);
    const text = submission!.raw.toString();
    assert.match(text, /^X-Own: 1\r$/m);
    assert.doesNotMatch(text, /supersedes/i);
  });
