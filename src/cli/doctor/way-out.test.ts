import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../kernel/index.ts";
import { examineWayOut } from "../../providers/index.ts";
import { MxWorld } from "../../providers/direct-mx/world-for-tests.ts";
import { wayOutChecks } from "./way-out.ts";

test("doctor tells whether the resolver proves what it says, and whether the port is open", async (context) => {
  const w = await MxWorld.start(context);
  const server = await w.server("mx.acme.example");
  w.mx("acme.example", "mx.acme.example");
  const states = async (change = {}) => {
    const settings = w.settings(change);
    const found = await examineWayOut(settings, { domain: "acme.example", clock: systemClock, timeoutMs: 2_000 });
    return wayOutChecks(settings, found).map(({ state }) => state);
  };
  assert.deepEqual(await states(), ["warning", "ok"]);
  w.dns.zone.setSigned("", true);
  assert.deepEqual(await states(), ["ok", "ok"]);
  assert.deepEqual(await states({ privateNetworks: [] }), ["ok", "not checked"]);
  await server.close();
  assert.deepEqual(await states(), ["ok", "wrong"]);
  assert.deepEqual(await states({ resolver: { host: "127.0.0.1", port: 1 } }), ["wrong", "not checked"]);
  assert.equal(server.commands.length, 0, "nobody was spoken to");
});
