import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { readActivityQuery } from "./activity-query.ts";
import { activities } from "./activity.ts";
import { activityInList, activityThere } from "./activity-there.ts";
import { answer, fault, isFault, notFound, notSupported, queryOf, refuse, sendgridScope } from "./dialect.ts";
import { readMessageId } from "./message-ids.ts";

const MOST = 1_000;
const EVENTS = 1_000;

/** docs.sendgrid.com/api-reference/e-mail-activity (seen 2026-11-25): one entry for each recipient. */
export function messageRoutes(server: FastifyInstance, parts: CompatParts): void {
  const csv = notSupported("Activity as CSV by mail");
  sendgridScope(server, parts, "/v3/messages", (scope, whoOf) => {
    scope.get("/", async (request, reply) => {
      const { query = "", limit = "10" } = queryOf(request.query);
      const wanted = Number(limit);
      if (!Number.isInteger(wanted) || wanted < 1 || wanted > MOST)
        return refuse(reply, fault(400, `limit must be 1 to ${MOST}`, "limit"));
      const read = readActivityQuery(query);
      if (isFault(read)) return refuse(reply, read);
      const found = await activities(whoOf(request).tenant, read, wanted, parts);
      return answer(reply, Array.isArray(found) ? { messages: found.map(activityInList) } : found);
    });
    scope.post("/download", (_request, reply) => refuse(reply, csv));
    scope.get("/download/:id", (_request, reply) => refuse(reply, csv));
    scope.get("/:id", async (request, reply) => {
      const { tenant } = whoOf(request);
      const asked = readMessageId((request.params as { id: string }).id);
      const story = asked && (await parts.stories.find(tenant, asked.spoolId));
      const n = asked?.n ?? 0;
      if (!story || !story.recipients[n]) return refuse(reply, notFound("message", "message_id"));
      const filter = { tenant, spoolId: story.spoolId, recipient: story.recipients[n].address, oldestFirst: true };
      const { events } = await parts.stories.events(filter, EVENTS, null);
      const own = events.filter((one) => one.recipientNumber === n);
      const last = own.at(-1);
      return answer(reply, last ? activityThere(story, n, own, last) : notFound("message", "message_id"));
    });
  });
}
