import type { FastifyInstance } from "fastify";
import type { StreamSettings } from "../../../config/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { CODE, type Fault, SERVER_ID, fault, give, instant, notSupported, postmarkScope, refuse } from "./dialect.ts";
import { suppressionRoutes } from "./suppressions.ts";

/** The transactional stream every server of theirs has; here the default of the tenant. */
const USUAL = "outbound";

export const unknownStream = (id: string): Fault =>
  fault(422, CODE.streamUnknown, `The 'MessageStream' provided does not exist on this server: ${id.slice(0, 64)}.`);

/** A stream as a client names it: one of the tenant's, or the usual one. Null: there is none of that name. */
export function streamOf(
  id: string | null | undefined,
  who: Submitter,
  { tenants }: Pick<CompatParts, "tenants">,
): { name: string | undefined } | null {
  if (!id) return { name: undefined };
  const tenant = tenants.find(who.tenant);
  if (tenant?.streams.some(({ name }) => name === id)) return { name: id };
  return id === USUAL ? { name: undefined } : null;
}

/** Streams stand in the configuration, where two people see them: they are read here. */
export function streamRoutes(server: FastifyInstance, parts: CompatParts): void {
  const since = instant(parts.clock.now());
  const streamThere = ({ name, class: messageClass }: Pick<StreamSettings, "name" | "class">): object => ({
    ID: name,
    ServerID: SERVER_ID,
    Name: name,
    Description: `Class ${messageClass}`,
    MessageStreamType: messageClass === "C4" ? "Broadcasts" : "Transactional",
    CreatedAt: since,
    UpdatedAt: null,
    ArchivedAt: null,
    ExpectedPurgeDate: null,
    SubscriptionManagementConfiguration: { UnsubscribeHandlingType: "None" },
  });
  const streamsOf = (tenant: string): readonly StreamSettings[] => parts.tenants.find(tenant)?.streams ?? [];
  const told = notSupported("Changing streams here: they stand in the configuration, where two people see them. It");
  postmarkScope(server, parts, "/message-streams", (scope, whoOf) => {
    scope.get("/", (request, reply) => {
      const streams = streamsOf(whoOf(request).tenant).map(streamThere);
      return reply.send({ MessageStreams: streams, TotalCount: streams.length });
    });
    scope.get("/:id", (request, reply) => {
      const { id } = request.params as { id: string };
      const found = streamsOf(whoOf(request).tenant).find(({ name }) => name === id);
      return give(
        reply,
        found ? streamThere(found) : fault(422, CODE.streamNotFound, "The message stream was not found."),
      );
    });
    scope.post("/", (_request, reply) => refuse(reply, told));
    scope.patch("/:id", (_request, reply) => refuse(reply, told));
    scope.post("/:id/archive", (_request, reply) => refuse(reply, told));
    scope.post("/:id/unarchive", (_request, reply) => refuse(reply, told));
    suppressionRoutes(scope, whoOf, parts);
  });
}
