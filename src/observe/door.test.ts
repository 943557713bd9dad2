import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientRequest, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import fastify from "fastify";
import { eventually } from "../../test/support/eventually.ts";
import { registerNotices } from "./door.ts";
import type { Observer } from "./observer.ts";

const MIB = 1024 * 1024;
/** What fits in memory at once. */
const BODIES = 32;

async function door(context: TestContext, take: () => Promise<"taken">): Promise<number> {
  const server = fastify({ forceCloseConnections: true });
  registerNotices(server, { take } as unknown as Observer);
  await server.listen({ port: 0, host: "127.0.0.1" });
  context.after(() => server.close());
  return (server.server.address() as AddressInfo).port;
}

/** A notice that says how long it is and does not come. */
async function begun(context: TestContext, port: number): Promise<{ sent: ClientRequest; isEnded(): boolean }> {
  const headers = { "content-type": "text/plain", "content-length": MIB };
  const sent = ask({ port, host: "127.0.0.1", path: "/v1/notices/any", method: "POST", headers });
  let ended = false;
  sent.on("error", () => (ended = true));
  context.after(() => sent.destroy());
  sent.write("x");
  await once(sent, "socket");
  return { sent, isEnded: () => ended };
}

const notice = async (port: number): Promise<number> => {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/notices/any`, { method: "POST", body: Buffer.alloc(MIB) });
  return answer.status;
};

test("whoever begins notices and does not end them keeps nobody else's out", async (context) => {
  const port = await door(context, () => Promise.resolve("taken"));
  const slow: Awaited<ReturnType<typeof begun>>[] = [];
  for (let n = 0; n < 2 * BODIES; n += 1) slow.push(await begun(context, port));
  const ended = () => slow.filter((one) => one.isEnded()).length;
  assert.ok(await eventually(() => ended() === BODIES), "as many had to go as came too many");
  assert.equal(await notice(port), 200);
  assert.ok(await eventually(() => ended() === BODIES + 1));
});

test("those that are being recorded stay, and more come again later", async (context) => {
  let go = (): void => {};
  const held = new Promise<"taken">((resolve) => (go = () => resolve("taken")));
  let taken = 0;
  const port = await door(context, () => ((taken += 1), held));
  const all = Array.from({ length: BODIES }, () => notice(port));
  assert.ok(await eventually(async () => taken === BODIES));
  assert.equal(await notice(port), 503);
  go();
  assert.deepEqual(new Set(await Promise.all(all)), new Set([200]));
});
