import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { notSupported, refuse, sendgridScope } from "./dialect.ts";

/**
 * Parts of SendGrid's API that are answered by name, so that a client learns it in its own words. Paths that are taken
 * above go before. Mailgun's clients have some of these names too: theirs bring no bearer.
 */
const NAMES = [
  "access_settings",
  "alerts",
  "api_keys",
  "asm",
  "browsers",
  "campaigns",
  "categories",
  "clients",
  "contactdb",
  "designs",
  "devices",
  "geo",
  "ips",
  "logs",
  "mail_settings",
  "mailbox_providers",
  "marketing",
  "partner_settings",
  "recipients",
  "senders",
  "sso",
  "stats",
  "subusers",
  "suppression",
  "teammates",
  "tracking_settings",
  "user",
  "validations",
  "verified_senders",
  "whitelabel",
] as const;

const WHY: Partial<Record<(typeof NAMES)[number], string>> = {
  asm: "/v3/asm: unsubscribe groups are readers' choices among newsletters, and the suppression list here is one for all mail of a tenant. It",
  stats: "/v3/stats: read /metrics of Postern. It",
  api_keys: "/v3/api_keys: credentials stand in the configuration, where two people see them. It",
  verified_senders: "/v3/verified_senders: whom a tenant may send as is said by its domains in the configuration. It",
};

export function notHereRoutes(server: FastifyInstance, parts: CompatParts): void {
  for (const name of NAMES) {
    const told = notSupported(WHY[name] ?? `/v3/${name}`);
    sendgridScope(
      server,
      parts,
      `/v3/${name}`,
      (scope) => {
        scope.all("/", (_request, reply) => refuse(reply, told));
        scope.all("/*", (_request, reply) => refuse(reply, told));
      },
      true,
    );
  }
}
