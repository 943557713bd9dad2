import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { fakePort } from "../../../test/support/http-door.ts";
import { DEFAULT_LIMITS } from "../../config/index.ts";
import { silentLog } from "../../kernel/index.ts";
import type { CompatParts } from "./compat.ts";
import { type Dialect, compatScope } from "./scope.ts";

const MIB = 1024 * 1024;
/** A body of this test is held three times: room for six, four of them of one tenant. */
const limits = { ...DEFAULT_LIMITS, messageBytes: MIB, acceptInFlightBytes: 18 * MIB };
const parts = { limits, port: fakePort(), log: silentLog } as unknown as CompatParts;

const dialect = (prefix: string): Dialect => ({
  name: prefix.slice(1),
  prefix,
  closed: (reply) => void reply.code(503).send("busy"),
  failed: (reply) => void reply.code(500).send("failed"),
  authenticate: ({ headers }) => ({ tenant: String(headers["x-tenant"]), credential: "app" }),
});

async function door(context: TestContext, routes: (scope: FastifyInstance) => void): Promise<number> {
  const server = fastify({ forceCloseConnections: true });
  for (const prefix of ["/one", "/two"]) compatScope(server, parts, dialect(prefix), routes);
  await server.listen({ port: 0, host: "127.0.0.1" });
  context.after(() => server.close());
  return (server.server.address() as AddressInfo).port;
}

test("bodies of all dialects share one memory, in which no tenant takes all", async (context) => {
  const port = await door(context, (scope) => scope.post("/", (_request, reply) => reply.send("read")));
  const begun = (path: string, tenant: string) => {
    const headers = { "x-tenant": tenant, "content-length": MIB };
    const sent = ask({ port, host: "127.0.0.1", path, method: "POST", headers: headers });
    sent.on("error", () => {});
    context.after(() => sent.destroy());
    sent.flushHeaders();
    sent.write("x");
    return sent;
  };
  const isTurnedAway = async (path: string, tenant: string): Promise<boolean> => {
    const headers = { "x-tenant": tenant, "content-type": "text/plain" };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers,
      body: Buffer.alloc(MIB),
    });
    return answer.status === 503;
  };
  assert.equal(await isTurnedAway("/two/", "acme"), false);
  for (let n = 0; n < 4; n += 1) await once(begun("/one/", "acme"), "socket");
  const deadline = performance.now() + 5_000;
  while (!(await isTurnedAway("/two/", "acme")))
    assert.ok(performance.now() < deadline, "the other dialect has its own");
  assert.equal(await isTurnedAway("/two/", "other"), false, "another tenant still finds room");
});

test("a parameter that comes twice, or with a NUL, reaches handlers as one text", async (context) => {
  const port = await door(context, (scope) =>
    scope.get("/:id", (request, reply) => reply.send({ query: request.query, params: request.params })),
  );
  const answer = await fetch(`http://127.0.0.1:${port}/one/a%00b?to=x&to=y&tag=%00z`, { headers: { "x-tenant": "a" } });
  assert.deepEqual(await answer.json(), { query: { to: "x", tag: "z" }, params: { id: "ab" } });
});
