import type { FastifyInstance, FastifyRequest } from "fastify";
import type { CompatParts } from "../compat.ts";
import type { WhoOf } from "../keyed.ts";
import { type Asked, fault, isFault, ofDomain, origin, pathRest, queried } from "./dialect.ts";
import { type EventsPage, findPage, readToken, tokenOf } from "./event-pages.ts";
import { readNarrowing } from "./event-query.ts";
import { eventThere } from "./event-there.ts";

const MOST = 300;
const USUAL = 100;

/** GET /v3/{domain}/events, and the pages it leads to, whose addresses end in what the client sends back. */
export function eventRoutes(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts): void {
  const answer = async (page: EventsPage, { who, domain }: Asked, request: FastifyRequest): Promise<object> => {
    const { entries, around } = await findPage(page, who.tenant, domain, parts);
    const url = (one: EventsPage): string => `${origin(parts, request)}/v3/${domain}/events/${tokenOf(one)}`;
    return {
      items: entries.map(eventThere),
      paging: {
        next: url(around.next),
        previous: url(around.previous),
        first: url(around.first),
        last: url(around.last),
      },
    };
  };
  scope.get(
    "/events",
    ofDomain(parts, whoOf, async (asked, request) => {
      const list = readNarrowing(request);
      if (isFault(list)) return list;
      const limit = Number(queried(request, "limit") ?? USUAL);
      if (!Number.isInteger(limit) || limit < 1 || limit > MOST) return fault(400, `limit must be 1 to ${MOST}`);
      return answer({ list, limit }, asked, request);
    }),
  );
  scope.get(
    "/events/*",
    ofDomain(parts, whoOf, async (asked, request) => {
      const page = readToken(pathRest(request));
      return page ? answer(page, asked, request) : fault(400, "Invalid page");
    }),
  );
}
