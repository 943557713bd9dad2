import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientRequest, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import fastify, { type FastifyInstance } from "fastify";
import { eventually } from "../../../test/support/eventually.ts";
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

/** Who asks is in the body. */
const { authenticate: _, ...anonymous } = dialect("/anyone");

async function door(context: TestContext, routes: (scope: FastifyInstance) => void): Promise<number> {
  const server = fastify({ forceCloseConnections: true });
  for (const one of [dialect("/one"), dialect("/two"), anonymous]) compatScope(server, parts, one, routes);
  await server.listen({ port: 0, host: "127.0.0.1" });
  context.after(() => server.close());
  return (server.server.address() as AddressInfo).port;
}

/** A body that says how long it is and does not come. */
function beginAt(context: TestContext, port: number, path: string, tenant: string): ClientRequest {
  const headers = { "x-tenant": tenant, "content-length": MIB };
  const sent = ask({ port, host: "127.0.0.1", path, method: "POST", headers });
  sent.on("error", () => {});
  context.after(() => sent.destroy());
  sent.flushHeaders();
  sent.write("x");
  return sent;
}

async function sendTo(port: number, path: string, tenant: string): Promise<number> {
  const headers = { "x-tenant": tenant, "content-type": "text/plain" };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", headers, body: Buffer.alloc(MIB) });
  return answer.status;
}

test("bodies of all dialects share one memory, in which no tenant takes all", async (context) => {
  const port = await door(context, (scope) => scope.post("/", (_request, reply) => reply.send("read")));
  const begun = (path: string, tenant: string) => beginAt(context, port, path, tenant);
  const isTurnedAway = async (path: string, tenant: string) => (await sendTo(port, path, tenant)) === 503;
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

test("where nobody is known before the body is read, whoever begins many and ends none keeps no other out", async (context) => {
  const port = await door(context, (scope) => scope.post("/", (_request, reply) => reply.send("read")));
  let ended = 0;
  for (let n = 0; n < 12; n += 1) {
    const sent = beginAt(context, port, "/anyone/", "");
    sent.on("error", () => (ended += 1));
    await once(sent, "socket");
  }
  assert.ok(await eventually(() => ended === 8), "room for four");
  assert.equal(await sendTo(port, "/anyone/", ""), 200);
  assert.equal(await sendTo(port, "/one/", "acme"), 200);
});
