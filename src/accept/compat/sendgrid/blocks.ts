import type { FastifyInstance } from "fastify";
import { happeningOf, parseMailbox } from "../../../mail/index.ts";
import type { EventCursor, EventEntry } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import { isFault, notSupported, refuse, secondsOf, sendgridScope } from "./dialect.ts";
import { type ListPage, listPageOf } from "./page.ts";

/** Read through for one answer; what is older than that is asked for by end_time. */
const LOOKED_AT = 10_000;
const PAGE = 500;

/**
 * Mail that a receiving server refused for what it was and not for whom it was for. It suppresses nobody, there as here:
 * the list is what happened, newest first, and nothing can be taken off it.
 */
export function blockRoutes(server: FastifyInstance, parts: CompatParts): void {
  const told = notSupported(
    "Deleting blocks: a block suppresses nobody, and the list is what happened to messages. It",
  );
  sendgridScope(server, parts, "/v3/suppression/blocks", (scope, whoOf) => {
    scope.get("/", async (request, reply) => {
      const page = listPageOf(request.query);
      if (isFault(page)) return refuse(reply, page);
      return reply.send(await blocksOf(whoOf(request).tenant, page, parts));
    });
    scope.get("/:email", async (request, reply) => {
      const { email } = request.params as { email: string };
      if (!parseMailbox(email)) return reply.send([]);
      return reply.send(await blocksOf(whoOf(request).tenant, { limit: 1, offset: 0 }, parts, email));
    });
    scope.delete("/", (_request, reply) => refuse(reply, told));
    scope.delete("/:email", (_request, reply) => refuse(reply, told));
  });
}

async function blocksOf(
  tenant: string,
  { limit, offset, from, before, email }: ListPage,
  { stories }: CompatParts,
  recipient?: string,
): Promise<object[]> {
  const filter = {
    tenant,
    kinds: ["message.bounced", "message.rejected"],
    ...(recipient === undefined ? {} : { recipient }),
    ...(from === undefined ? {} : { after: from }),
    ...(before === undefined ? {} : { before }),
  };
  /** Of one address the newest. */
  const found = new Map<string, EventEntry>();
  let cursor: EventCursor | null = null;
  for (let seen = 0; seen < LOOKED_AT && found.size < offset + limit; seen += PAGE) {
    const page = await stories.events(filter, PAGE, cursor);
    for (const one of page.events) {
      const address = one.recipient;
      if (address === null || !isBlock(one) || found.has(address)) continue;
      if (email === undefined || address.toLowerCase().startsWith(email.toLowerCase())) found.set(address, one);
    }
    cursor = page.next;
    if (cursor === null) break;
  }
  return [...found].slice(offset, offset + limit).map(([address, one]) => ({
    created: secondsOf(one.at),
    email: address,
    reason: one.response ?? one.reason ?? "",
    status: one.enhancedStatus ?? /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(one.response ?? "")?.[0] ?? "",
  }));
}

/** The mailbox is there, as far as anybody said. */
const isBlock = (one: EventEntry): boolean => ["bounced-soft", "refused"].includes(happeningOf(one) ?? "");
