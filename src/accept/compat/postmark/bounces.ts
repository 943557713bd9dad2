import type { FastifyInstance } from "fastify";
import { isUuid, type SpoolId } from "../../../kernel/index.ts";
import type { EventEntry } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import { inTurn } from "../in-turn.ts";
import { suppressed } from "../suppressed.ts";
import { TYPES, bounceFilter, bounceId, bounceThere, kindsOf, placeOf, typeOf } from "./bounce.ts";
import { CODE, fault, give, isFault, postmarkScope, refuse } from "./dialect.ts";
import { MOST, pageOf, timeOf, untilOf } from "./page.ts";

const NOT_FOUND = fault(422, CODE.bounceNotFound, "The bounce was not found.");

/** postmarkapp.com/developer/api/bounce-api (seen 2026-11-25): what was refused, complained of or came back. */
export function bounceRoutes(server: FastifyInstance, parts: CompatParts): void {
  const { stories, suppressions } = parts;
  const find = async (tenant: string, id: string): Promise<EventEntry | null> => {
    if (!/^\d{1,15}$/.test(id)) return null;
    const { eventId, recipientNumber } = placeOf(Number(id));
    const { events } = await stories.events(bounceFilter(tenant, { eventId }), 1_000, null);
    return events.find((one) => (one.recipientNumber ?? 0) === recipientNumber) ?? null;
  };
  const there = async (tenant: string, event: EventEntry): Promise<object> =>
    bounceThere(event, event.recipient !== null && Boolean(await suppressed(suppressions, tenant, event.recipient)));

  postmarkScope(server, parts, "/bounces", (scope, whoOf) => {
    scope.get("/", async (request, reply) => {
      const page = pageOf(request.query);
      if (isFault(page)) return refuse(reply, page);
      const query = request.query as Record<string, string | undefined>;
      const [after, before] = [timeOf(query["fromDate"]), untilOf(query["toDate"])];
      const { type, messageID, emailFilter, tag, messageStream, inactive } = query;
      const kinds = type === undefined ? undefined : (kindsOf(type) ?? []);
      if (after === null || before === null || (messageID && !isUuid(messageID)))
        return refuse(reply, fault(422, CODE.parameter, "A filter cannot be read."));
      const { tenant } = whoOf(request);
      const filter = bounceFilter(tenant, {
        ...(kinds ? { kinds } : {}),
        ...(messageID ? { spoolId: messageID as SpoolId } : {}),
        ...(emailFilter ? { recipient: emailFilter } : {}),
        ...(tag ? { tag: { name: tag } } : {}),
        ...(messageStream && messageStream !== "outbound" ? { stream: messageStream } : {}),
        ...(after === undefined ? {} : { after }),
        ...(before === undefined ? {} : { before }),
      });
      const read = () => inTurn(tenant, () => stories.events(filter, MOST, null));
      const { events } = kinds?.length === 0 ? { events: [] } : await read();
      const ofType = events.filter((one) => type === undefined || typeOf(one) === type);
      const bounces = await Promise.all(
        ofType.slice(page.offset, page.offset + page.count).map((one) => there(tenant, one)),
      );
      const shown = bounces.filter((one) => !inactive || String((one as { Inactive: boolean }).Inactive) === inactive);
      return reply.send({ TotalCount: ofType.length, Bounces: shown });
    });
    scope.get("/:id", async (request, reply) => {
      const { tenant } = whoOf(request);
      const found = await find(tenant, (request.params as { id: string }).id);
      return give(reply, found ? await there(tenant, found) : NOT_FOUND);
    });
    // Theirs is empty, too, where a dump is not available: `DumpAvailable` says so beforehand.
    scope.get("/:id/dump", async (request, reply) => {
      const found = await find(whoOf(request).tenant, (request.params as { id: string }).id);
      return give(reply, found ? { Body: "" } : NOT_FOUND);
    });
    scope.put("/:id/activate", async (request, reply) => {
      const { tenant } = whoOf(request);
      const found = await find(tenant, (request.params as { id: string }).id);
      if (!found) return refuse(reply, NOT_FOUND);
      if (found.recipient !== null) await suppressions.remove(tenant, found.recipient);
      return reply.send({ Message: "OK", Bounce: await there(tenant, found) });
    });
  });
  // Its documents write it one way, its own client the other.
  for (const prefix of ["/deliverystats", "/deliveryStats"]) {
    postmarkScope(server, parts, prefix, (scope, whoOf) => {
      scope.get("/", async (request, reply) => reply.send(await statistics(whoOf(request).tenant, parts)));
    });
  }
}

async function statistics(tenant: string, { stories, suppressions }: CompatParts): Promise<object> {
  const { events } = await inTurn(tenant, () => stories.events(bounceFilter(tenant, {}), MOST, null));
  const once = new Map(events.map((one) => [bounceId(one), typeOf(one)]));
  const counts = Map.groupBy(once.values(), (type) => type);
  const inactive = await suppressions.list(tenant, MOST, null);
  return {
    InactiveMails: inactive.length,
    Bounces: [
      { Name: "All", Count: once.size },
      ...[...counts].map(([type, all]) => ({ Type: type, Name: TYPES[type].name, Count: all.length })),
    ],
  };
}
