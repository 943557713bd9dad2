import assert from "node:assert/strict";
import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { decode, type DecodedPacket, encode } from "dns-packet";
import { type Clock, systemClock, systemRandom } from "../../../kernel/index.ts";
import { startLabDns } from "../../../lab/dns/index.ts";
import { resolverAt } from "./resolver.ts";

const parts = { clock: systemClock, random: systemRandom };
/** Waits of seconds are a tenth of one. */
const hasty: Clock = { ...systemClock, after: (ms, task) => systemClock.after(ms / 20, task) };

async function lab(context: TestContext) {
  const dns = await startLabDns();
  context.after(() => dns.stop());
  return { zone: dns.zone, ask: resolverAt(dns.address, parts) };
}

/** A resolver that does what it is told with each question. */
async function oddResolver(
  context: TestContext,
  answer: (query: DecodedPacket, send: (octets: Buffer) => void, from: RemoteInfo) => void,
) {
  const socket = createSocket("udp4");
  socket.on("message", (octets, from) =>
    answer(decode(octets), (reply) => socket.send(reply, from.port, from.address), from),
  );
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  context.after(() => socket.close());
  return resolverAt({ host: "127.0.0.1", port: socket.address().port }, { ...parts, clock: hasty });
}

test("records, no records, no name and no answer are four things, each proven or not", async (context) => {
  const { zone, ask } = await lab(context);
  zone.set("there.example", "A", "192.0.2.1");
  zone.setFault("broken.example", "servfail");
  const is = { kind: "records", records: ["192.0.2.1"], canonical: "there.example", authentic: false, ttlS: 0 };
  assert.deepEqual(await ask("There.example", "A"), is);
  assert.deepEqual(await ask("there.example", "MX"), { kind: "none", exists: true, authentic: false, ttlS: 0 });
  assert.deepEqual(await ask("nowhere.example", "A"), { kind: "none", exists: false, authentic: false, ttlS: 0 });
  assert.deepEqual(await ask("broken.example", "A"), { kind: "failed", reason: "refused" });
  zone.setSigned("there.example", true);
  assert.deepEqual(await ask("there.example", "A"), { ...is, authentic: true });
  assert.deepEqual(await ask("there.example", "MX"), { kind: "none", exists: true, authentic: true, ttlS: 0 });
});

test("aliases are followed, and the name at their end is told", async (context) => {
  const { zone, ask } = await lab(context);
  zone.set("a.example", "CNAME", "b.example");
  zone.set("b.example", "CNAME", "c.example");
  zone.set("c.example", "AAAA", "2001:db8::1");
  const answer = await ask("a.example", "AAAA");
  assert.deepEqual(answer.kind === "records" && [answer.canonical, answer.records], ["c.example", ["2001:db8::1"]]);
});

test("what does not fit into a datagram comes over TCP", async (context) => {
  const { zone, ask } = await lab(context);
  zone.set("long.example", "TXT", "k=".repeat(3_000));
  const answer = await ask("long.example", "TXT");
  assert.deepEqual(answer.kind === "records" && answer.records, ["k=".repeat(3_000)]);
});

test("answers to other questions are not taken for the answer", async (context) => {
  const forged = (query: DecodedPacket, change: object) =>
    encode({
      type: "response",
      id: query.id!,
      questions: query.questions!,
      answers: [{ type: "A", name: "there.example", ttl: 1, data: "203.0.113.66" }],
      ...change,
    });
  const ask = await oddResolver(context, (query, send) => {
    send(forged(query, { id: (query.id! + 1) & 0xffff }));
    send(forged(query, { questions: [{ type: "A", name: "elsewhere.example" }] }));
    send(forged(query, { type: "query" }));
    send(Buffer.from("nonsense"));
    send(forged(query, { answers: [{ type: "A", name: "there.example", ttl: 9, data: "192.0.2.1" }] }));
  });
  const answer = await ask("there.example", "A");
  assert.deepEqual(answer.kind === "records" && answer.records, ["192.0.2.1"]);
});

test("records of other names in an answer are left aside", async (context) => {
  const ask = await oddResolver(context, (query, send) =>
    send(
      encode({
        type: "response",
        id: query.id!,
        questions: query.questions!,
        answers: [{ type: "A", name: "elsewhere.example", ttl: 1, data: "203.0.113.66" }],
      }),
    ),
  );
  assert.equal((await ask("there.example", "A")).kind, "none");
});

test("silence is a time-out, a closed port a refusal, no name a failure", async (context) => {
  let asked = 0;
  const ask = await oddResolver(context, () => (asked += 1));
  assert.deepEqual(await ask("there.example", "A"), { kind: "failed", reason: "timeout" });
  assert.equal(asked, 2, "asked twice");
  const nobody = resolverAt({ host: "127.0.0.1", port: 1 }, parts);
  assert.deepEqual(await nobody("there.example", "A"), { kind: "failed", reason: "refused" });
});
