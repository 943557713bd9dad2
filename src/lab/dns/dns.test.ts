import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";
import { type DecodedPacket, decode, encode, type Packet } from "dns-packet";
import { type AskDns, type LabDns, resolverOf, startLabDns } from "./index.ts";

const RD = 0x100;
const AD = 0x20;

describe("the lab's nameserver", () => {
  let dns: LabDns;
  let ask: AskDns;
  before(async () => {
    dns = await startLabDns();
    ask = resolverOf(dns.address);
  });
  after(() => dns.stop());
  beforeEach(() => dns.zone.remove("acme.example"));

  test("answers each type it knows, whatever the case of the name", async () => {
    const { zone, address } = dns;
    zone.set("acme.example", "A", "127.0.0.2", "127.0.0.3");
    zone.set("acme.example", "AAAA", "::1");
    zone.set("acme.example", "MX", { preference: 10, exchange: "mx.acme.example" }, { preference: 5, exchange: "." });
    zone.set("acme.example", "TXT", "v=spf1 -all");
    zone.set("2.0.0.127.in-addr.arpa", "PTR", "out.acme.example");
    const tlsa = { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32, 7) };
    zone.set("_25._tcp.acme.example", "TLSA", tlsa);
    assert.deepEqual((await ask("ACME.example", "A")).toSorted(), ["127.0.0.2", "127.0.0.3"]);
    assert.deepEqual(await ask("acme.example", "AAAA"), ["::1"]);
    assert.deepEqual(await ask("acme.example", "TXT"), [["v=spf1 -all"]]);
    assert.deepEqual(await ask("2.0.0.127.in-addr.arpa", "PTR"), ["out.acme.example"]);
    const resolver = new Resolver();
    resolver.setServers([`${address.host}:${address.port}`]);
    assert.deepEqual(
      (await resolver.resolveMx("acme.example")).map(({ priority, exchange }) => `${priority} ${exchange}`).toSorted(),
      ["10 mx.acme.example", "5 "],
    );
    const { answers } = await queryUdp(question("_25._tcp.acme.example", "TLSA"));
    assert.deepEqual(
      answers?.map(({ type, ...rest }) => ("data" in rest ? [type, rest.data] : type)),
      [["TLSA", tlsa]],
    );
  });

  test("tells a name that is not there from a name without such a record", async () => {
    dns.zone.set("below.acme.example", "A", "127.0.0.2");
    await assert.rejects(ask("nowhere.example", "A"), { code: "ENOTFOUND" });
    await assert.rejects(ask("below.acme.example", "TXT"), { code: "ENODATA" });
    await assert.rejects(ask("acme.example", "A"), { code: "ENODATA" }, "there, for something is below it");
  });

  test("changes count from the next query on", async () => {
    dns.zone.set("acme.example", "A", "127.0.0.2");
    assert.deepEqual(await ask("acme.example", "A"), ["127.0.0.2"]);
    dns.zone.set("acme.example", "A", "127.0.0.9");
    assert.deepEqual(await ask("acme.example", "A"), ["127.0.0.9"]);
    dns.zone.remove("acme.example", "A");
    await assert.rejects(ask("acme.example", "A"), { code: /ENOTFOUND|ENODATA/ });
  });

  test("follows aliases; a loop of them is a failure", async () => {
    const { zone } = dns;
    zone.set("a.acme.example", "CNAME", "b.acme.example");
    zone.set("b.acme.example", "TXT", "here");
    assert.deepEqual(await ask("a.acme.example", "TXT"), [["here"]]);
    zone.set("b.acme.example", "CNAME", "a.acme.example");
    await assert.rejects(ask("a.acme.example", "TXT"), { code: "ESERVFAIL" });
    zone.remove("a.acme.example");
    zone.remove("b.acme.example");
  });

  test("a wildcard speaks for what is not there, the closest one and no other", async () => {
    const { zone } = dns;
    zone.set("*", "TXT", "root");
    zone.set("*.acme.example", "TXT", "acme");
    zone.set("own.acme.example", "A", "127.0.0.2");
    assert.deepEqual(await ask("x.y.acme.example", "TXT"), [["acme"]]);
    assert.deepEqual(await ask("else.test", "TXT"), [["root"]]);
    await assert.rejects(ask("own.acme.example", "TXT"), { code: "ENODATA" });
    for (const name of ["*", "*.acme.example", "own.acme.example"]) zone.remove(name);
  });

  test("what is everywhere gives way to what a name has of its own", async () => {
    const { zone } = dns;
    zone.setEverywhere("PTR", "everywhere.example");
    zone.set("own.acme.example", "PTR", "own.acme.example");
    assert.deepEqual(await ask("x.acme.example", "PTR"), ["everywhere.example"]);
    assert.deepEqual(await ask("own.acme.example", "PTR"), ["own.acme.example"]);
    zone.remove("own.acme.example");
  });

  test("what does not fit into a datagram is asked for again over TCP", async () => {
    const long = "k=".repeat(1_000);
    dns.zone.set("acme.example", "TXT", long);
    const short = await queryUdp(question("acme.example", "TXT"));
    assert.deepEqual([short.flag_tc, short.answers], [true, []]);
    assert.equal((await ask("acme.example", "TXT")).flat().join(""), long);
  });

  test("several queries on one connection are answered, also where they come in pieces", async () => {
    dns.zone.set("acme.example", "A", "127.0.0.2");
    const framed = (id: number) => {
      const octets = encode({ ...question("acme.example", "A"), id });
      return Buffer.concat([Buffer.from([octets.length >> 8, octets.length & 0xff]), octets]);
    };
    const socket = connect(dns.address.port, dns.address.host);
    const both = Buffer.concat([framed(1), framed(2)]);
    socket.write(both.subarray(0, 15));
    socket.write(both.subarray(15));
    let heard = Buffer.alloc(0);
    for await (const chunk of socket) {
      heard = Buffer.concat([heard, chunk as Buffer]);
      const length = heard.length >= 2 ? heard.readUInt16BE(0) : 0;
      if (length > 0 && heard.length >= 2 * (length + 2)) break;
    }
    const length = heard.readUInt16BE(0);
    assert.deepEqual([decode(heard.subarray(2)).id, decode(heard.subarray(length + 4)).id], [1, 2]);
  });

  test("faults are per name: a failure is said, silence is silence", async () => {
    const { zone } = dns;
    zone.set("acme.example", "A", "127.0.0.2");
    zone.set("well.example", "A", "127.0.0.3");
    zone.setFault("acme.example", "servfail");
    await assert.rejects(ask("acme.example", "A"), { code: "ESERVFAIL" });
    assert.deepEqual(await ask("well.example", "A"), ["127.0.0.3"]);
    zone.setFault("acme.example", "no-answer");
    const quick = new Resolver({ timeout: 50, tries: 1 });
    quick.setServers([`${dns.address.host}:${dns.address.port}`]);
    await assert.rejects(quick.resolve4("acme.example"), { code: "ETIMEOUT" });
    zone.setFault("acme.example", null);
    assert.deepEqual(await ask("acme.example", "A"), ["127.0.0.2"]);
  });

  test("answers are authentic where the domain is signed, all of the way, and where one asked", async () => {
    const { zone } = dns;
    zone.set("acme.example", "A", "127.0.0.2");
    zone.set("other.example", "CNAME", "acme.example");
    const isAuthentic = async (name: string, flags = RD | AD) =>
      (await queryUdp({ ...question(name, "A"), flags })).flag_ad;
    assert.equal(await isAuthentic("acme.example"), false);
    zone.setSigned("other.example", true);
    assert.equal(await isAuthentic("other.example"), false, "the alias leads into a domain that is not signed");
    zone.setSigned("acme.example", true);
    assert.deepEqual([await isAuthentic("other.example"), await isAuthentic("none.acme.example")], [true, true]);
    assert.equal(await isAuthentic("acme.example", RD), false, "nobody asked");
    zone.setSigned("acme.example", false);
    zone.setSigned("other.example", false);
  });

  test("garbage is called malformed or left alone, and the server lives", async () => {
    const malformed = Buffer.concat([encode(question("acme.example", "A")).subarray(0, 14), Buffer.from([0xff, 0xff])]);
    assert.equal((await answered(malformed)).readUInt16BE(2) & 0xf, 1);
    const response = encode({ ...question("acme.example", "A"), type: "response" });
    const socket = createSocket("udp4");
    socket.send(response, dns.address.port, dns.address.host);
    socket.send(Buffer.from("short"), dns.address.port, dns.address.host);
    socket.close();
    await assert.rejects(ask("nowhere.example", "A"), { code: "ENOTFOUND" });
  });

  const question = (name: string, type: "A" | "TXT" | "TLSA"): Packet => ({
    type: "query",
    id: 7,
    flags: RD,
    questions: [{ name, type }],
  });
  const queryUdp = async (packet: Packet): Promise<DecodedPacket> => decode(await answered(encode(packet)));

  async function answered(octets: Buffer): Promise<Buffer> {
    const socket = createSocket("udp4");
    try {
      socket.send(octets, dns.address.port, dns.address.host);
      const [answer] = (await once(socket, "message")) as [Buffer];
      return answer;
    } finally {
      socket.close();
    }
  }
});
