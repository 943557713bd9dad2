import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { quickClock } from "../../../test/support/quick-clock.ts";
import { line } from "../../../test/support/scripted-smtp-server.ts";
import { ACCEPTED, handOff, MxWorld } from "./world-for-tests.ts";

const world = (context: TestContext) => MxWorld.start(context);

test("a message reaches the server that MX names, over TLS", async (context) => {
  const w = await world(context);
  const server = await w.server("mx.there.example");
  w.mx("there.example", "mx.there.example");
  assert.deepEqual(await handOff(w.provider(), ["a@there.example"]), [ACCEPTED]);
  assert.equal(server.messages.length, 1);
  assert.deepEqual(
    server.commands.filter((one) => /^(?:STARTTLS|EHLO)/.test(one)),
    ["EHLO out.acme.example", "STARTTLS", "EHLO out.acme.example"],
  );
});

test("recipients of several domains each get their own end", async (context) => {
  const w = await world(context);
  const server = await w.server("mx.one.example", {
    script: { rcpt: (command) => line(command.includes("no@") ? "550 5.1.1 No such user" : "250 2.1.5 Ok") },
  });
  w.mx("one.example", "mx.one.example");
  w.dns.zone.set("null.example", "MX", { preference: 0, exchange: "." });
  w.dns.zone.setFault("broken.example", "servfail");
  const to = ["a@null.example", "a@one.example", "a@nowhere.example", "no@one.example", "a@broken.example"];
  assert.deepEqual(await handOff(w.provider(), to), [
    "rejected recipient domain-takes-no-mail",
    ACCEPTED,
    "rejected recipient domain-not-found",
    "rejected recipient mailbox-unavailable",
    "deferred recipient dns-failed",
  ]);
  assert.deepEqual(server.messages[0]?.recipients, ["RCPT TO:<a@one.example>"]);
});

test("hosts are tried in order of preference until one talks", async (context) => {
  const w = await world(context);
  await w.server("a.there.example", { isGone: true });
  const busy = await w.server("b.there.example", { script: { greeting: line("421 4.3.2 Busy", "close") } });
  const third = await w.server("c.there.example");
  const fourth = await w.server("d.there.example");
  w.mx("there.example", "a.there.example", "b.there.example", "c.there.example", "d.there.example");
  assert.deepEqual(await handOff(w.provider(), ["a@there.example"]), [ACCEPTED]);
  assert.deepEqual([busy.connections, third.messages.length, fourth.connections], [1, 1, 0]);
});

test("what the first that talks says is the end: no other host is asked for a better answer", async (context) => {
  const w = await world(context);
  await w.server("a.there.example", { script: { rcpt: () => line("550 5.1.1 No such user") } });
  const second = await w.server("b.there.example");
  w.mx("there.example", "a.there.example", "b.there.example");
  assert.deepEqual(await handOff(w.provider(), ["a@there.example"]), ["rejected recipient mailbox-unavailable"]);
  assert.equal(second.connections, 0);
});

test("an end that is unknown is not tried at another host", async (context) => {
  const w = await world(context);
  await w.server("a.there.example", { script: { text: () => "close" } });
  const second = await w.server("b.there.example");
  w.mx("there.example", "a.there.example", "b.there.example");
  assert.deepEqual(await handOff(w.provider(), ["a@there.example"]), [
    "indeterminate recipient connection-lost-after-data",
  ]);
  assert.equal(second.connections, 0);
});

test("without MX the domain's own address takes its mail; with neither nobody does", async (context) => {
  const w = await world(context);
  const server = await w.server("plain.example");
  w.dns.zone.set("empty.example", "TXT", "nothing to see");
  w.mx("dangling.example", "mx.nowhere.example");
  const provider = w.provider();
  assert.deepEqual(await handOff(provider, ["a@plain.example", "a@empty.example", "a@dangling.example"]), [
    ACCEPTED,
    "rejected recipient domain-takes-no-mail",
    "deferred recipient mx-unresolved",
  ]);
  assert.equal(server.messages.length, 1);
});

test("a domain that leads into a private network or to this machine is not followed", async (context) => {
  const w = await world(context);
  const server = await w.server("mx.there.example");
  const addresses = ["127.0.0.2", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0"];
  for (const [n, address] of addresses.entries()) {
    w.dns.zone.set(`mx.d${n}.example`, "A", address);
    w.mx(`d${n}.example`, `mx.d${n}.example`);
  }
  w.dns.zone.set("six.example", "AAAA", "::1", "::ffff:127.0.0.2", "fd00::1", "fe80::1");
  const to = [...addresses.map((_, n) => `a@d${n}.example`), "a@six.example"];
  const ends = await handOff(w.provider({ privateNetworks: [] }), to);
  assert.deepEqual(new Set(ends), new Set(["rejected account mx-not-public"]));
  assert.equal(server.connections, 0);
});

test("a policy host in a private network is not fetched from", async (context) => {
  const w = await world(context);
  await w.server("mx.there.example");
  const { requests } = await w.policy("there.example", "version: STSv1\nmode: none\nmax_age: 1\n");
  w.dns.zone.set("mx.there.example", "A", "127.0.0.2");
  await handOff(w.provider({ privateNetworks: ["127.0.0.2/32"] }), ["a@there.example"]);
  assert.equal(requests.length, 0);
});

test("our own name among the hosts cuts them off there", async (context) => {
  const w = await world(context);
  await w.server("a.there.example", { isGone: true });
  const behind = await w.server("b.there.example");
  w.mx("there.example", "a.there.example", "out.acme.example", "b.there.example");
  w.mx("ours.example", "out.acme.example");
  assert.deepEqual(await handOff(w.provider(), ["a@there.example", "a@ours.example"]), [
    "deferred recipient connection-refused",
    "deferred recipient mail-loop",
  ]);
  assert.equal(behind.connections, 0);
});

test("a domain that is away rests, longer each time, and others do not wait for it", async (context) => {
  const w = await world(context);
  let isDown = true;
  const down = await w.server("mx.down.example", {
    script: { mail: () => (isDown ? line("421 4.3.2 Down", "close") : line("250 2.1.0 Ok")) },
  });
  await w.server("mx.up.example");
  w.mx("down.example", "mx.down.example");
  w.mx("up.example", "mx.up.example");
  const clock = quickClock(() => true);
  const provider = w.provider({}, { clock });
  const ends = () => handOff(provider, ["a@down.example", "a@up.example"]);
  assert.deepEqual(await ends(), ["deferred recipient service-unavailable", ACCEPTED]);
  assert.deepEqual(await ends(), ["deferred recipient domain-resting", ACCEPTED]);
  assert.equal(down.connections, 1);
  clock.skip(30_000);
  assert.deepEqual(await ends(), ["deferred recipient service-unavailable", ACCEPTED]);
  clock.skip(30_000);
  assert.deepEqual(await ends(), ["deferred recipient domain-resting", ACCEPTED]);
  isDown = false;
  clock.skip(30_000);
  assert.deepEqual(await ends(), [ACCEPTED, ACCEPTED]);
});

test("no more messages to one domain at once than it is given, and all get there", async (context) => {
  const w = await world(context);
  let most = 0;
  const server = await w.server("mx.there.example", {
    script: {
      text: (_, count) => {
        most = Math.max(most, server.open());
        return line(`250 Q${count}`);
      },
    },
  });
  w.mx("there.example", "mx.there.example");
  const provider = w.provider({ perDomain: { connections: 2, ratePerS: null } });
  const ends = await Promise.all(Array.from({ length: 12 }, () => handOff(provider, ["a@there.example"])));
  assert.deepEqual(new Set(ends.flat()), new Set([ACCEPTED]));
  assert.equal(server.messages.length, 12);
  assert.ok(most <= 2, `${most} at once`);
});

test("five domains away and none reached: then it is our way out, and that concerns all mail", async (context) => {
  const w = await world(context);
  for (const n of [1, 2, 3, 4, 5, 6]) w.dns.zone.setFault(`d${n}.example`, "servfail");
  await w.server("mx.up.example");
  w.mx("up.example", "mx.up.example");
  const provider = w.provider();
  const one = async (domain: string) => (await handOff(provider, [`a@${domain}`]))[0];
  for (const n of [1, 2, 3, 4]) assert.equal(await one(`d${n}.example`), "deferred recipient dns-failed");
  assert.equal(await one("d5.example"), "deferred account dns-failed");
  assert.equal(await one("up.example"), ACCEPTED);
  assert.equal(await one("d6.example"), "deferred recipient dns-failed", "one that answers shows that it is open");
});

test("names in MX that are no names are passed over", async (context) => {
  const w = await world(context);
  await w.server("mx.good.example");
  w.mx(
    "odd.example",
    "127.0.0.2",
    "mx with space.example",
    "-.example",
    `${"x".repeat(60)}.${"y".repeat(60)}.${"z".repeat(60)}.${"w".repeat(60)}.example`,
    "mx.good.example",
  );
  w.mx("only.example", "127.0.0.2");
  assert.deepEqual(await handOff(w.provider(), ["a@odd.example", "a@only.example"]), [
    ACCEPTED,
    "deferred recipient mx-unresolved",
  ]);
});

test("a domain of another script is looked up in ASCII and named as it was given", async (context) => {
  const w = await world(context);
  const server = await w.server("mx.there.example", { script: { offers: ["SMTPUTF8", "8BITMIME", "STARTTLS"] } });
  w.mx("xn--bcher-kva.example", "mx.there.example");
  assert.deepEqual(await handOff(w.provider(), ["a@b\u00fccher.example"], "C2", { needsSmtputf8: true }), [ACCEPTED]);
  assert.match(server.messages[0]!.recipients[0]!, /b\u00fccher/);
});
