import assert from "node:assert/strict";
import type { Call } from "../call.ts";
import { type SendGridWorld, refused } from "./asking.ts";
import { DOMAIN } from "../world.ts";

/**
 * Unsubscribe groups (/v3/asm/groups) are here and not among the suppressions: they are what a reader chooses among kinds of
 * newsletters, as Resend's topics are, with a page of SendGrid's to choose on; Postern has one suppression list for all mail.
 */
const GROUPS: [method: "GET" | "POST" | "PATCH" | "DELETE", path: string][] = [
  ["POST", "/v3/asm/groups"],
  ["GET", "/v3/asm/groups"],
  ["GET", "/v3/asm/groups/{id}"],
  ["PATCH", "/v3/asm/groups/{id}"],
  ["DELETE", "/v3/asm/groups/{id}"],
  ["POST", "/v3/asm/groups/{id}/suppressions"],
  ["GET", "/v3/asm/groups/{id}/suppressions"],
  ["POST", "/v3/asm/groups/{id}/suppressions/search"],
  ["DELETE", "/v3/asm/groups/{id}/suppressions/{email}"],
  ["GET", "/v3/asm/suppressions"],
  ["GET", "/v3/asm/suppressions/{email}"],
];
const REFUSED: typeof GROUPS = [
  ["GET", "/v3/suppression/bounces/classifications"],
  ["POST", "/v3/user/webhooks/event/settings"],
  ["PATCH", "/v3/user/webhooks/event/settings/{id}"],
  ["DELETE", "/v3/user/webhooks/event/settings/{id}"],
  ["GET", "/v3/user/webhooks/event/settings/signed/{id}"],
  ["POST", "/v3/user/webhooks/event/test"],
  ["GET", "/v3/user/webhooks/parse/settings"],
  ["POST", "/v3/whitelabel/domains"],
  ["DELETE", "/v3/whitelabel/domains/{id}"],
  ["POST", "/v3/whitelabel/domains/{id}/validate"],
  ["GET", "/v3/whitelabel/links"],
  ["GET", "/v3/verified_senders"],
  ["POST", "/v3/verified_senders"],
  ["GET", "/v3/senders"],
  ["GET", "/v3/api_keys"],
  ["POST", "/v3/api_keys"],
  ["GET", "/v3/stats"],
  ["GET", "/v3/categories"],
  ["GET", "/v3/categories/stats"],
  ["GET", "/v3/mail_settings"],
  ["GET", "/v3/tracking_settings"],
  ["GET", "/v3/user/account"],
  ["GET", "/v3/user/profile"],
  ["GET", "/v3/teammates"],
  ["GET", "/v3/subusers"],
  ["GET", "/v3/ips"],
  ["GET", "/v3/alerts"],
  ["GET", "/v3/marketing/contacts"],
  ["POST", "/v3/validations/email"],
];

type Domain = { id: number; domain: string; valid: boolean };
type Webhook = { id: string; url: string };

export function sendgridOthers({ ask }: SendGridWorld): Call[] {
  const all = (calls: typeof GROUPS): Call[] =>
    calls.map(([method, path]) =>
      refused(`${method} ${path}`, "other", () => ask(method, path.replaceAll(/\{\w+\}/g, "1"))),
    );
  return [
    ...all(GROUPS),
    {
      name: "GET /v3/whitelabel/domains",
      group: "other",
      note: "those of the configuration",
      async run() {
        const { body } = await ask<Domain[]>("GET", "/v3/whitelabel/domains");
        assert.deepEqual(
          body.map((one) => [one.domain, one.valid]),
          [[DOMAIN, true]],
        );
      },
    },
    {
      name: "GET /v3/whitelabel/domains/{id}",
      group: "other",
      async run() {
        const [domain] = (await ask<Domain[]>("GET", "/v3/whitelabel/domains")).body;
        assert.equal((await ask<Domain>("GET", `/v3/whitelabel/domains/${domain!.id}`)).body.domain, DOMAIN);
      },
    },
    {
      name: "GET /v3/user/webhooks/event/settings/all",
      group: "other",
      note: "those of the configuration with `format: sendgrid`",
      async run() {
        const { body } = await ask<{ webhooks: Webhook[] }>("GET", "/v3/user/webhooks/event/settings/all");
        assert.ok(Array.isArray(body.webhooks));
        for (const one of body.webhooks) {
          assert.equal((await ask<Webhook>("GET", `/v3/user/webhooks/event/settings/${one.id}`)).body.url, one.url);
        }
      },
    },
    {
      name: "GET /v3/scopes",
      group: "other",
      async run() {
        const { scopes } = (await ask<{ scopes: string[] }>("GET", "/v3/scopes")).body;
        assert.ok(scopes.includes("mail.send") && !scopes.includes("api_keys.create"));
      },
    },
    {
      name: "GET /v3/user/username",
      group: "other",
      note: "the tenant",
      async run() {
        assert.equal((await ask<{ username: string }>("GET", "/v3/user/username")).body.username, "acme");
      },
    },
    ...all(REFUSED),
  ];
}
