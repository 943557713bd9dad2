import type { AddressInfo } from "node:net";
import type { Door, HttpDoorParts } from "../doors.ts";
import { HTTP_BOUNDS, type HttpBounds } from "./bounds.ts";
import { buildServer } from "./server.ts";

/**
 * Takes mail over HTTP and says what became of it: /v1, as /v1/openapi.json describes it.
 * 1. Who asks, and is there room (guards.ts): before any body is read.
 * 2. A body becomes envelope and text (submit/, compose/) or a list of faults, each with its place.
 * 3. The accept core stores it; 202 follows its commit and nothing else does.
 * 4. Messages are read and cancelled by their tenant alone (operations/).
 * Invariants: no header field holds a line break that a client wrote; no answer but a problem document says no.
 * Standards: RFC 9110, 9457, 6901, 7617, 6750 (header only), 5322, 2045–2047, 2231. Operator sees: "http.request-failed"
 * with a reference, postern's refusals by code.
 */
export async function startHttpDoor(parts: HttpDoorParts, bounds: HttpBounds = HTTP_BOUNDS): Promise<Door> {
  const { server, draining } = buildServer(parts, bounds);
  await server.listen({ host: parts.address.host, port: parts.address.port });
  const { address: host, port } = server.server.address() as AddressInfo;
  return {
    address: { host, port },
    async stop(graceMs) {
      draining.now = true;
      const hurry = parts.clock.after(graceMs, () => server.server.closeAllConnections());
      await server.close();
      hurry.cancel();
    },
  };
}
