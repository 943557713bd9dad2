import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { CompatParts } from "../compat.ts";
import { instant, notFound, notSupported, resendScope, send } from "./dialect.ts";

/** A UUID made of the name (RFC 9562 §5.8), the same each time: domains stand in the configuration and have no number. */
function idOf(domain: string): string {
  const hash = createHash("sha256").update(`domain ${domain}`).digest("hex");
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** Reads the tenant's domains. They are changed in the configuration, where a stolen key cannot reach. */
export function domainRoutes(server: FastifyInstance, parts: CompatParts): void {
  const since = instant(parts.clock.now());
  const domainThere = (name: string): object => ({
    id: idOf(name),
    name,
    status: "verified",
    created_at: since,
    region: "us-east-1",
    capabilities: { sending: "enabled", receiving: "disabled" },
  });
  const domainsOf = (tenant: string): readonly string[] => parts.tenants.find(tenant)?.domains ?? [];
  const told = notSupported("Changing domains here: they stand in the configuration, where two people see them. It");
  resendScope(server, parts, "/domains", true, (scope, whoOf) => {
    scope.get("/", (request, reply) =>
      send(reply, { object: "list", has_more: false, data: domainsOf(whoOf(request).tenant).map(domainThere) }),
    );
    scope.get("/:id", (request, reply) => {
      const { id } = request.params as { id: string };
      const found = domainsOf(whoOf(request).tenant).find((name) => idOf(name) === id);
      return send(reply, found ? { object: "domain", ...domainThere(found), records: [] } : notFound("Domain"));
    });
    scope.all("/*", (_request, reply) => send(reply, told));
    scope.post("/", (_request, reply) => send(reply, told));
  });
}
