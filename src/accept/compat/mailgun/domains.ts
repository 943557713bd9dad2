import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { HAPPENINGS_OF, hearsOf, wordsFor } from "../../../mail/index.ts";
import type { Tenant } from "../../../tenancy/index.ts";
import type { CompatParts } from "../compat.ts";
import type { WhoOf } from "../keyed.ts";
import { NO_DOMAIN, fault, instant, mailgunScope, notSupported, ofDomain, queried, send } from "./dialect.ts";
import { queuesThere } from "./queue.ts";

const CONFIGURED = "in the configuration, where two people see them. It";
const NO_CHANGE = notSupported(`Changing domains here: they stand ${CONFIGURED}`);
const NO_WEBHOOK_CHANGE = notSupported(`Changing webhooks here: they stand ${CONFIGURED}`);
const NO_CONTENT = notSupported(
  "Reading or sending again what a mail said: its text is sealed, and gone when it has ended. It",
);
const NO_TRACKING = { active: false, html_footer: "", text_footer: "" };

const WEBHOOKS = [
  "accepted",
  "delivered",
  "opened",
  "clicked",
  "unsubscribed",
  "complained",
  "temporary_fail",
  "permanent_fail",
] as const;
const CHANGES = ["POST", "PUT", "PATCH", "DELETE"];
/** `failed` is two webhooks there. */
const wordOf = (name: string): string => (name.endsWith("_fail") ? "failed" : name);

/** A tenant's domains and what hangs on them, to read (documentation.mailgun.com, "Domains", "Webhooks", seen 2026-11-25). */
export function domainRoutes(server: FastifyInstance, parts: CompatParts): void {
  const since = instant(parts.clock.now());
  const domainThere = (name: string): object => ({
    id: createHash("sha256").update(`domain ${name}`).digest("hex").slice(0, 24),
    name,
    state: "active",
    type: "custom",
    created_at: since,
    is_disabled: false,
    wildcard: false,
    spam_action: "disabled",
    require_tls: false,
    skip_verification: false,
    smtp_login: "",
    web_prefix: "email",
    web_scheme: "https",
    use_automatic_sender_security: false,
  });
  mailgunScope(server, parts, "/v4/domains", (scope, whoOf) => {
    scope.get("/", (request, reply) => {
      const search = queried(request, "search");
      const names = (parts.tenants.find(whoOf(request).tenant)?.domains ?? []).filter((one) =>
        one.includes(search ?? ""),
      );
      const skip = Number(queried(request, "skip") ?? 0);
      const limit = Number(queried(request, "limit") ?? 100);
      if (![skip, limit].every(Number.isInteger) || skip < 0 || limit < 1)
        return send(reply, fault(400, "limit and skip must be whole numbers"));
      const items = names.slice(skip, skip + Math.min(limit, 1_000)).map(domainThere);
      return send(reply, { total_count: names.length, items });
    });
    scope.get("/:domain", (request, reply) => {
      const { domain } = request.params as { domain: string };
      const name = domain.toLowerCase();
      const isOwn = parts.tenants.find(whoOf(request).tenant)?.domains.includes(name);
      const whole = { domain: domainThere(name), receiving_dns_records: [], sending_dns_records: [] };
      return send(reply, isOwn ? whole : NO_DOMAIN);
    });
    const refuse = (_request: unknown, reply: FastifyReply): FastifyReply => send(reply, NO_CHANGE);
    scope.route({ method: CHANGES, url: "/", handler: refuse });
    scope.all("/*", refuse);
  });
  mailgunScope(server, parts, "/v3/domains/:domain", (scope, whoOf) => {
    ofOneDomain(scope, whoOf, parts);
    scope.all(
      "/",
      ofDomain(parts, whoOf, () => NO_CHANGE),
    );
    scope.all(
      "/*",
      ofDomain(parts, whoOf, () => NO_CHANGE),
    );
  });
}

function ofOneDomain(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts): void {
  scope.get(
    "/sending_queues",
    ofDomain(parts, whoOf, () => queuesThere(parts)),
  );
  scope.all(
    "/messages/*",
    ofDomain(parts, whoOf, () => NO_CONTENT),
  );
  scope.get(
    "/tracking",
    ofDomain(parts, whoOf, () => ({
      tracking: { open: { active: false }, click: { active: false }, unsubscribe: NO_TRACKING, web_scheme: "https" },
    })),
  );
  const webhooksOf = (tenant: string): Record<string, { urls: string[] }> => {
    const found = parts.tenants.find(tenant);
    return Object.fromEntries(
      WEBHOOKS.flatMap((name) => {
        const urls = found ? urlsOf(found, wordOf(name)) : [];
        return urls.length === 0 ? [] : [[name, { urls }]];
      }),
    );
  };
  scope.get(
    "/webhooks",
    ofDomain(parts, whoOf, ({ who }) => ({ webhooks: webhooksOf(who.tenant) })),
  );
  scope.get(
    "/webhooks/:name",
    ofDomain(parts, whoOf, ({ who }, request) => {
      const { name } = request.params as { name: string };
      const webhooks = webhooksOf(who.tenant);
      return Object.hasOwn(webhooks, name) ? { webhook: webhooks[name] } : fault(404, "Webhook not found");
    }),
  );
  const refuse = ofDomain(parts, whoOf, () => NO_WEBHOOK_CHANGE);
  scope.route({ method: CHANGES, url: "/webhooks", handler: refuse });
  scope.route({ method: CHANGES, url: "/webhooks/*", handler: refuse });
}

/** Of the webhooks that speak Mailgun's words those that hear of such an event. */
const urlsOf = ({ webhooks }: Tenant, word: string): string[] =>
  webhooks
    .filter((webhook) => webhook.format === "mailgun")
    .filter((webhook) =>
      Object.keys(HAPPENINGS_OF).some((kind) => wordsFor("mailgun", kind).includes(word) && hearsOf(webhook, kind)),
    )
    .map(({ url }) => url);
