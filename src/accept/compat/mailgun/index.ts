import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { allowlistRoutes } from "./allowlist.ts";
import { mailgunScope, notSupported, ofDomain, openScope } from "./dialect.ts";
import { domainRoutes } from "./domains.ts";
import { eventRoutes } from "./events.ts";
import { logRoutes } from "./logs.ts";
import { messageRoutes } from "./messages.ts";
import { refusedRoutes } from "./not-here.ts";
import { clearQueue } from "./queue.ts";
import { suppressionRoutes } from "./suppressions.ts";
import { versionRoutes } from "./template-versions.ts";
import { templateRoutes } from "./templates.ts";

const NOT_OF_A_DOMAIN = notSupported("This part of Mailgun's API");

/**
 * Speaks as Mailgun does: messages, events, templates, suppressions, and the tenant's domains and webhooks to read. The key
 * of `api:KEY` is the apiKey of a Postern credential; the domain in the path is one of the tenant's, or below one. What a
 * tenant has once (templates, suppressions) is the same under each of them; events and the queue are those of the domain.
 */
export function registerMailgun(server: FastifyInstance, parts: CompatParts): void {
  openScope(server, parts, "/v3/:domain", (scope, whoOf) => messageRoutes(scope, whoOf, parts));
  mailgunScope(server, parts, "/v3/:domain", (scope, whoOf) => {
    eventRoutes(scope, whoOf, parts);
    templateRoutes(scope, whoOf, parts);
    versionRoutes(scope, whoOf, parts);
    suppressionRoutes(scope, whoOf, parts);
    allowlistRoutes(scope, whoOf, parts);
    scope.delete(
      "/envelopes",
      ofDomain(parts, whoOf, (asked) => clearQueue(asked, parts)),
    );
    scope.all(
      "/*",
      ofDomain(parts, whoOf, () => NOT_OF_A_DOMAIN),
    );
  });
  domainRoutes(server, parts);
  logRoutes(server, parts);
  refusedRoutes(server, parts);
}
