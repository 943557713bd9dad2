import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { notSupported, resendScope, send } from "./dialect.ts";
import { domainRoutes } from "./domains.ts";
import { emailRoutes } from "./emails.ts";
import { suppressionRoutes } from "./suppressions.ts";
import { templateRoutes } from "./templates.ts";

/** Collections of Resend's that are answered by name, so that a client learns it in its own words. */
const NOT_HERE = ["api-keys", "audiences", "automations", "broadcasts", "contacts", "events", "segments", "topics"];

/**
 * Speaks as Resend does: emails, templates, suppressions, and the domains of the tenant to read. Keys are the apiKey
 * of a Postern credential.
 */
export function registerResend(server: FastifyInstance, parts: CompatParts): void {
  emailRoutes(server, parts);
  templateRoutes(server, parts);
  suppressionRoutes(server, parts);
  domainRoutes(server, parts);
  for (const name of NOT_HERE) {
    resendScope(server, parts, `/${name}`, true, (scope) => {
      scope.all("/", (_request, reply) => send(reply, notSupported(`/${name}`)));
      scope.all("/*", (_request, reply) => send(reply, notSupported(`/${name}`)));
    });
  }
  resendScope(server, parts, "/webhooks", true, (scope) => {
    const told = notSupported("Changing webhooks here: they stand in the configuration, where two people see them. It");
    scope.all("/", (_request, reply) => send(reply, told));
    scope.all("/*", (_request, reply) => send(reply, told));
  });
}
