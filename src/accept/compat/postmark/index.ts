import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { bounceRoutes } from "./bounces.ts";
import { SERVER_ID, notSupported, postmarkScope, refuse } from "./dialect.ts";
import { emailRoutes } from "./emails.ts";
import { messageRoutes } from "./messages.ts";
import { streamRoutes } from "./streams.ts";
import { templateRoutes } from "./templates.ts";

const NOT_HERE = { "/stats": "Statistics: read /metrics of Postern. It", "/triggers": "Receiving mail" } as const;

/**
 * Speaks as Postmark does: emails, batches, templates, bulk requests, messages, bounces, suppressions, streams. A server
 * token is the apiKey of a Postern credential, and the tenant is the server.
 */
export function registerPostmark(server: FastifyInstance, parts: CompatParts): void {
  emailRoutes(server, parts);
  templateRoutes(server, parts);
  messageRoutes(server, parts);
  bounceRoutes(server, parts);
  streamRoutes(server, parts);
  postmarkScope(server, parts, "/server", (scope, whoOf) => {
    scope.get("/", (request, reply) => reply.send(serverThere(whoOf(request).tenant)));
    scope.put("/", (_request, reply) => refuse(reply, notSupported("Changing the server")));
  });
  for (const [prefix, what] of Object.entries(NOT_HERE)) {
    postmarkScope(server, parts, prefix, (scope) => {
      scope.all("/*", (_request, reply) => refuse(reply, notSupported(what)));
    });
  }
  const told = notSupported("Changing webhooks here: they stand in the configuration, where two people see them. It");
  postmarkScope(server, parts, "/webhooks", (scope) => {
    scope.all("/", (_request, reply) => refuse(reply, told));
    scope.all("/*", (_request, reply) => refuse(reply, told));
  });
}

const serverThere = (tenant: string): object => ({
  ID: SERVER_ID,
  Name: tenant,
  ApiTokens: [],
  Color: "Grey",
  SmtpApiActivated: true,
  RawEmailEnabled: false,
  DeliveryType: "Live",
  ServerLink: "",
  InboundAddress: "",
  InboundHash: "",
  InboundSpamThreshold: 0,
  PostFirstOpenOnly: false,
  TrackOpens: false,
  TrackLinks: "None",
  IncludeBounceContentInHook: false,
  EnableSmtpApiErrorHooks: false,
});
