import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { domainRoutes, eventWebhookRoutes, scopeRoutes } from "./account.ts";
import { blockRoutes } from "./blocks.ts";
import { mailRoutes } from "./mail.ts";
import { messageRoutes } from "./messages.ts";
import { notHereRoutes } from "./not-here.ts";
import { scheduledSendRoutes } from "./scheduled-sends.ts";
import { globalSuppressionRoutes, suppressionRoutes } from "./suppressions.ts";
import { templateRoutes } from "./templates.ts";

/**
 * Speaks as SendGrid does: mail with its personalizations, batches, templates, suppressions, what became of messages; the
 * tenant's domains and webhooks to read. Keys are the apiKey of a Postern credential.
 */
export function registerSendGrid(server: FastifyInstance, parts: CompatParts): void {
  mailRoutes(server, parts);
  scheduledSendRoutes(server, parts);
  messageRoutes(server, parts);
  templateRoutes(server, parts);
  suppressionRoutes(server, parts);
  blockRoutes(server, parts);
  globalSuppressionRoutes(server, parts);
  domainRoutes(server, parts);
  eventWebhookRoutes(server, parts);
  scopeRoutes(server, parts);
  notHereRoutes(server, parts);
}
