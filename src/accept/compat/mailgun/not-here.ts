import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { mailgunScope, notSupported, send } from "./dialect.ts";

/** Parts of Mailgun's API that are answered by name, so that a client learns it in its own words. */
const NOT_HERE: Readonly<Record<string, string>> = {
  "/v1/analytics/metrics": "Statistics: read /metrics of Postern. It",
  "/v1/analytics/usage": "Statistics: read /metrics of Postern. It",
  "/v1/analytics/tags": "Keeping tags beside their messages",
  "/v1/bounce-classification": "Bounce classification",
  "/v2/bounce-classification": "Bounce classification",
  "/v1/dkim": "Managing DKIM keys",
  "/v1/dkim_management": "Managing DKIM keys",
  "/v1/dynamic_pools": "Choosing IP addresses",
  "/v1/keys": "Managing keys: they stand in the configuration. It",
  "/v1/preview": "Previewing mail",
  "/v1/thresholds": "Thresholds",
  "/v2/ip_whitelist": "Allowing IP addresses",
  "/v2/x509": "Tracking",
  "/v3/dynamic_pools": "Choosing IP addresses",
  "/v3/ip_pools": "Choosing IP addresses",
  "/v3/ip_warmups": "Choosing IP addresses",
  "/v3/ips": "Choosing IP addresses",
  "/v3/lists": "Mailing lists",
  "/v3/routes": "Receiving mail",
  "/v3/stats": "Statistics: read /metrics of Postern. It",
  "/v4/address": "Validating addresses",
  "/v4/inbox": "Inbox placement",
  "/v5/accounts": "Managing the account",
  "/v5/sandbox": "Managing the account",
  "/v5/users": "Managing the account",
};

export function refusedRoutes(server: FastifyInstance, parts: CompatParts): void {
  for (const [prefix, what] of Object.entries(NOT_HERE)) {
    const told = notSupported(what);
    mailgunScope(server, parts, prefix, (scope) => {
      scope.all("/", (_request, reply) => send(reply, told));
      scope.all("/*", (_request, reply) => send(reply, told));
    });
  }
}
