import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  registerMailgun,
  registerMandrill,
  registerPostmark,
  registerResend,
  registerSendGrid,
} from "../../src/accept/index.ts";
import { adoptAccount, keepTemplate } from "../../src/adopt/index.ts";
import { type ApiKind, PROVIDER_DEFAULTS } from "../../src/config/index.ts";
import { Secret, silentLog, systemClock } from "../../src/kernel/index.ts";
import { startTwin } from "../../src/lab/twins/index.ts";
import { readAccount } from "../../src/providers/index.ts";
import { compatDoor } from "../support/compat-door.ts";
import { API_KEY } from "../support/http-door.ts";
import { TEST_TENANT } from "../support/mail-path.ts";
import { ACCOUNTS } from "./accounts.ts";

/** A request as the application has always made it: with the template's name or id at the vendor. */
type Called = {
  register: Parameters<typeof compatDoor>[0];
  path: string;
  headers?: Record<string, string>;
  body: object | URLSearchParams;
};
const FROM = "app@acme.test";
const TO = "ada@example.com";

const CALLS: Partial<Record<ApiKind, Called>> = {
  mandrill: {
    register: registerMandrill,
    path: "/api/1.0/messages/send-template",
    body: {
      key: API_KEY,
      template_name: "welcome",
      template_content: [],
      message: { from_email: FROM, to: [{ email: TO }], global_merge_vars: [{ name: "NAME", content: "Ada" }] },
    },
  },
  sendgrid: {
    register: registerSendGrid,
    path: "/v3/mail/send",
    headers: { authorization: `Bearer ${API_KEY}` },
    body: {
      personalizations: [{ to: [{ email: TO }], dynamic_template_data: { name: "Ada" } }],
      from: { email: FROM },
      template_id: "d-13b8f94fbcae4ec6b75270d6cb59f932",
    },
  },
  postmark: {
    register: registerPostmark,
    path: "/email/withTemplate",
    headers: { "x-postmark-server-token": API_KEY },
    body: { From: FROM, To: TO, TemplateId: 4711, TemplateModel: { name: "Ada" } },
  },
  resend: {
    register: registerResend,
    path: "/emails",
    headers: { authorization: `Bearer ${API_KEY}` },
    body: {
      from: FROM,
      to: [TO],
      template: { id: "0c9dfb4a-5c1d-4b0e-8f5e-111111111111", variables: { NAME: "Ada" } },
    },
  },
  mailgun: {
    register: registerMailgun,
    path: "/v3/acme.test/messages",
    headers: { authorization: `Basic ${Buffer.from(`api:${API_KEY}`).toString("base64")}` },
    body: new URLSearchParams({ from: FROM, to: TO, template: "welcome", "t:variables": '{"name":"Ada"}' }),
  },
};

describe("an adopted template is called as it was at", () => {
  for (const { vendor, fill, settings } of ACCOUNTS) {
    const call = CALLS[vendor];
    if (!call) continue;
    test(vendor, async () => {
      const twin = await startTwin(vendor, { clock: systemClock, log: silentLog });
      const { door, port, templates } = await compatDoor(call.register);
      try {
        fill(twin.account);
        const provider = {
          ...PROVIDER_DEFAULTS,
          kind: vendor,
          name: vendor,
          ownerGroup: vendor,
          baseUrl: twin.baseUrl,
          apiKey: new Secret(twin.apiKey),
          accessKeyId: null,
          region: null,
          domain: settings["domain"] ?? null,
          channel: null,
          readKey: null,
          webhook: null,
          connections: 1,
        };
        await adoptAccount(
          readAccount(provider, { clock: systemClock, waits: () => {} }),
          {
            template: (template, versions) => keepTemplate(templates, TEST_TENANT.name, vendor, template, versions),
            suppressions: async () => null,
          },
          () => {},
        );
        const { path, headers, body } = call;
        const isForm = body instanceof URLSearchParams;
        const response = await fetch(`${door.url}${path}`, {
          method: "POST",
          headers: { ...headers, ...(isForm ? {} : { "content-type": "application/json" }) },
          body: isForm ? body : JSON.stringify(body),
        });
        assert.ok(response.ok, await response.text());
        const [submission] = port.submissions;
        assert.match(submission!.raw.toString(), /^Subject: H(?:i|ello) Ada\r$/m);
      } finally {
        await door.stop();
        await twin.stop();
      }
    });
  }
});
