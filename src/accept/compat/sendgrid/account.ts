import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { hearsOf } from "../../../mail/index.ts";
import type { CompatParts } from "../compat.ts";
import { answer, notFound, notSupported, queryOf, refuse, sendgridScope } from "./dialect.ts";

/** The same each time: what stands in the configuration has no number of its own. */
const numberOf = (name: string): number => createHash("sha256").update(name).digest().readUInt32BE(0) >>> 1;

const IN_CONFIGURATION = "they stand in the configuration, where two people see them. It";

/** The tenant's domains, to be read (docs.sendgrid.com/api-reference/domain-authentication, seen 2026-11-25). */
export function domainRoutes(server: FastifyInstance, { tenants, ...parts }: CompatParts): void {
  const told = notSupported(`Changing domains here: ${IN_CONFIGURATION}`);
  const domainsOf = (tenant: string): readonly string[] => tenants.find(tenant)?.domains ?? [];
  const there = (tenant: string, domain: string): object => ({
    id: numberOf(`domain ${domain}`),
    user_id: numberOf(`tenant ${tenant}`),
    subdomain: "",
    domain,
    username: tenant,
    ips: [],
    custom_spf: false,
    default: domainsOf(tenant)[0] === domain,
    legacy: false,
    automatic_security: false,
    valid: true,
    dns: {},
  });
  sendgridScope(server, { tenants, ...parts }, "/v3/whitelabel/domains", (scope, whoOf) => {
    scope.get("/", (request, reply) => {
      const { tenant } = whoOf(request);
      const { domain } = queryOf(request.query);
      const asked = domainsOf(tenant).filter((one) => domain === undefined || one === domain);
      return reply.send(asked.map((one) => there(tenant, one)));
    });
    scope.get("/:id", (request, reply) => {
      const { tenant } = whoOf(request);
      const { id } = request.params as { id: string };
      const found = domainsOf(tenant).find((one) => String(numberOf(`domain ${one}`)) === id);
      return answer(reply, found === undefined ? notFound("domain") : there(tenant, found));
    });
    for (const path of ["/", "/*"]) {
      scope.route({
        method: ["POST", "PUT", "PATCH", "DELETE"],
        url: path,
        handler: (_, reply) => refuse(reply, told),
      });
    }
  });
}

/** What an event of theirs is among ours. */
const EVENTS: Readonly<Record<string, string>> = {
  processed: "message.accepted",
  delivered: "message.delivered",
  deferred: "message.deferred",
  bounce: "message.bounced",
  dropped: "message.suppressed",
  spam_report: "message.complained",
  unsubscribe: "message.unsubscribed",
  open: "message.opened",
  click: "message.clicked",
};

/** The tenant's webhooks that speak as SendGrid's Event Webhook does, to be read. */
export function eventWebhookRoutes(server: FastifyInstance, { tenants, ...parts }: CompatParts): void {
  const told = notSupported(`Changing webhooks here: ${IN_CONFIGURATION}`);
  const all = (tenant: string) =>
    (tenants.find(tenant)?.webhooks ?? []).flatMap((webhook) =>
      webhook.format === "sendgrid"
        ? [
            {
              id: webhook.name,
              friendly_name: webhook.name,
              enabled: true,
              url: webhook.url,
              group_resubscribe: false,
              group_unsubscribe: false,
              ...Object.fromEntries(Object.entries(EVENTS).map(([name, kind]) => [name, hearsOf(webhook, kind)])),
              oauth_client_id: null,
              oauth_token_url: null,
            },
          ]
        : [],
    );
  sendgridScope(server, { tenants, ...parts }, "/v3/user/webhooks/event", (scope, whoOf) => {
    scope.get("/settings/all", (request, reply) => {
      const webhooks = all(whoOf(request).tenant);
      return reply.send({ max_allowed: webhooks.length, webhooks });
    });
    // Before there were several: the settings of the one.
    scope.get("/settings", (request, reply) => {
      const [first] = all(whoOf(request).tenant);
      return answer(reply, first ?? notFound("webhook"));
    });
    scope.get("/settings/:id", (request, reply) => {
      const { id } = request.params as { id: string };
      const found = all(whoOf(request).tenant).find((one) => one.id === id);
      return answer(reply, found ?? notFound("webhook"));
    });
    scope.get("/settings/signed/*", (_request, reply) =>
      refuse(reply, notSupported("Reading the public key here: `postern webhooks` shows it. It")),
    );
    for (const path of ["/", "/*"]) {
      scope.route({
        method: ["POST", "PUT", "PATCH", "DELETE"],
        url: path,
        handler: (_, reply) => refuse(reply, told),
      });
    }
  });
}

/** What any key may do here. */
const SCOPES = [
  "mail.send",
  "mail.batch.create",
  "mail.batch.read",
  "messages.read",
  ...["create", "delete", "read", "update"].flatMap((one) => [
    `templates.${one}`,
    `templates.versions.${one}`,
    `user.scheduled_sends.${one}`,
  ]),
  "templates.versions.activate.create",
  ...["bounces", "invalid_emails", "spam_reports"].flatMap((one) => [
    `suppression.${one}.read`,
    `suppression.${one}.delete`,
  ]),
  "suppression.blocks.read",
  "suppression.unsubscribes.read",
  ...["create", "delete", "read"].map((one) => `asm.suppressions.global.${one}`),
  "whitelabel.read",
  "user.webhooks.event.settings.read",
];

export function scopeRoutes(server: FastifyInstance, parts: CompatParts): void {
  sendgridScope(server, parts, "/v3/scopes", (scope) => {
    scope.get("/", (_request, reply) => reply.send({ scopes: SCOPES }));
  });
  sendgridScope(server, parts, "/v3/user/username", (scope, whoOf) => {
    scope.get("/", (request, reply) => {
      const { tenant } = whoOf(request);
      return reply.send({ username: tenant, user_id: numberOf(`tenant ${tenant}`) });
    });
  });
}
