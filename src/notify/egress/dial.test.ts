import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { systemResolve } from "./dial.ts";

const A = 1;
const AAAA = 28;

/** A name server that knows one answer for each type, whatever the name; none where it is to fail. */
async function nameServer(context: TestContext, answers: Record<number, Buffer | undefined>) {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const name = query.subarray(12, query.indexOf(0, 12) + 1);
    const type = query.readUInt16BE(12 + name.length);
    asked.push(name.toString("latin1").replace(/[\0-\x20]/g, ".")); // oxlint-disable-line no-control-regex
    const address = answers[type];
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(address ? 0x8180 : 0x8182, 2); // an answer, or SERVFAIL
    header.writeUInt16BE(address?.length ? 1 : 0, 6);
    header.fill(0, 8, 12);
    const record = Buffer.alloc(12); // a pointer to the name, type, class IN, TTL 0, length
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(address?.length ?? 0, 10);
    const question = query.subarray(12, 12 + name.length + 4);
    socket.send(
      Buffer.concat(address?.length ? [header, question, record, address] : [header, question]),
      from.port,
      from.address,
    );
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  context.after(() => socket.close());
  return { asked, resolve: systemResolve([`127.0.0.1:${socket.address().port}`]) };
}

const V4 = Buffer.from([8, 8, 8, 8]);
const V6 = Buffer.from("26064700000000000000000000001111", "hex");

test("both families of a name are asked for, IPv4 comes first", async (context) => {
  const { resolve } = await nameServer(context, { [A]: V4, [AAAA]: V6 });
  assert.deepEqual(await resolve("hooks.acme.test"), ["8.8.8.8", "2606:4700::1111"]);
});

test("a family that fails does not hide the other", async (context) => {
  const { resolve } = await nameServer(context, { [A]: undefined, [AAAA]: V6 });
  assert.deepEqual(await resolve("hooks.acme.test"), ["2606:4700::1111"]);
});

test("a name without an address has none", async (context) => {
  const { resolve } = await nameServer(context, { [A]: Buffer.alloc(0), [AAAA]: undefined });
  assert.deepEqual(await resolve("hooks.acme.test"), []);
});

test("the name is asked for as it is: no search domain, no hosts file", async (context) => {
  const { asked, resolve } = await nameServer(context, { [A]: V4, [AAAA]: Buffer.alloc(0) });
  assert.deepEqual(await resolve("ip6-loopback"), ["8.8.8.8"]);
  assert.deepEqual([...new Set(asked)], [".ip6-loopback."]);
});
