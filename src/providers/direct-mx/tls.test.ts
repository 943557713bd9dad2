import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { authority } from "../../../test/support/certificates.ts";
import { line } from "../../../test/support/scripted-smtp-server.ts";
import { ACCEPTED, handOff, MxWorld } from "./world-for-tests.ts";

const world = (context: TestContext) => MxWorld.start(context);
const ENFORCE = "version: STSv1\nmode: enforce\nmx: mx.sts.example\nmax_age: 86400\n";

test("DANE: the key in DNS decides, whatever the certificate says", async (context) => {
  const w = await world(context);
  const selfMade = authority("Nobody").issue(["other.example"], { fromDays: -9, toDays: -1 });
  const server = await w.server("mx.dane.example", { issued: selfMade });
  w.mx("dane.example", "mx.dane.example");
  w.dns.zone.setSigned("dane.example", true);
  const provider = w.provider();
  const forms = [
    [3, 1, 1],
    [3, 0, 1],
    [3, 1, 2],
    [3, 0, 0],
  ] as const;
  for (const form of forms) {
    w.tlsa("mx.dane.example", selfMade, form);
    assert.deepEqual(await handOff(provider, ["a@dane.example"], "C0"), [ACCEPTED], form.join(" "));
  }
  assert.equal(server.messages.length, 4);
  w.tlsa("mx.dane.example", w.root);
  assert.deepEqual(await handOff(w.provider(), ["a@dane.example"], "C3"), ["deferred recipient dane-mismatch"]);
  assert.equal(server.messages.length, 4, "not even mail of a lesser class");
});

test("DANE: an authority in DNS vouches for a name and a date", async (context) => {
  const w = await world(context);
  const own = authority("Domain's Own");
  const cases = [
    { host: "mx.good.example", issued: own.issue(["mx.good.example"]), ends: ACCEPTED },
    { host: "mx.named.example", issued: own.issue(["named.example"]), ends: ACCEPTED },
    { host: "mx.other.example", issued: own.issue(["mx.good.example"]), ends: "deferred recipient dane-mismatch" },
    {
      host: "mx.old.example",
      issued: own.issue(["mx.old.example"], { fromDays: -9, toDays: -1 }),
      ends: "deferred recipient dane-mismatch",
    },
    {
      host: "mx.forged.example",
      issued: w.root.issue(["mx.forged.example"]),
      ends: "deferred recipient dane-mismatch",
    },
  ];
  w.dns.zone.setSigned("", true);
  for (const { host, issued, ends } of cases) {
    await w.server(host, { issued });
    const domain = host.slice(3);
    w.mx(domain, host);
    for (const form of [
      [2, 1, 1],
      [2, 0, 1],
    ] as const) {
      w.tlsa(host, own, form);
      assert.deepEqual(await handOff(w.provider(), [`a@${domain}`]), [ends], `${host} ${form.join(" ")}`);
    }
  }
});

test("DANE counts only where every answer on the way is proven", async (context) => {
  const w = await world(context);
  await w.server("mx.host.example");
  w.mx("dane.example", "mx.host.example");
  w.tlsa("mx.host.example", w.root); // no match: where it counts, nothing goes
  const ends = () => handOff(w.provider(), ["a@dane.example"]);
  assert.deepEqual(await ends(), [ACCEPTED], "nothing is signed");
  w.dns.zone.setSigned("dane.example", true);
  assert.deepEqual(await ends(), [ACCEPTED], "the host is not");
  w.dns.zone.setSigned("dane.example", false);
  w.dns.zone.setSigned("host.example", true);
  assert.deepEqual(await ends(), [ACCEPTED], "the list of hosts is not");
  w.dns.zone.setSigned("dane.example", true);
  assert.deepEqual(await ends(), ["deferred recipient dane-mismatch"]);
  w.dns.zone.setFault("_25._tcp.mx.host.example", "servfail");
  assert.deepEqual(await ends(), ["deferred recipient dane-unknown"], "a failure is not 'none'");
});

test("DANE: records that cannot be used still say that there is TLS", async (context) => {
  const w = await world(context);
  const server = await w.server("mx.dane.example", { script: { offers: ["PIPELINING"] } });
  w.mx("dane.example", "mx.dane.example");
  w.dns.zone.setSigned("dane.example", true);
  w.tlsa("mx.dane.example", w.root, [1, 1, 1]);
  assert.deepEqual(await handOff(w.provider(), ["a@dane.example"], "C3"), ["deferred recipient tls-unavailable"]);
  assert.equal(server.messages.length, 0);
});

test("MTA-STS enforced: only named hosts, only with a good certificate, never in clear", async (context) => {
  const w = await world(context);
  const stranger = authority("Stranger").issue(["mx.sts.example"]);
  await w.server("mx.sts.example", { issued: stranger });
  await w.server("mx.unnamed.example");
  await w.policy("sts.example", ENFORCE);
  w.mx("sts.example", "mx.unnamed.example");
  assert.deepEqual(await handOff(w.provider(), ["a@sts.example"], "C3"), ["deferred recipient mta-sts-mismatch"]);
  w.mx("sts.example", "mx.sts.example");
  assert.deepEqual(await handOff(w.provider(), ["a@sts.example"], "C3"), [
    "deferred recipient tls-certificate-invalid",
  ]);
  const right = await w.server("mx.sts.example");
  assert.deepEqual(await handOff(w.provider(), ["a@sts.example"], "C3"), [ACCEPTED]);
  assert.equal(right.messages.length, 1);
});

test("MTA-STS: a policy that was seen counts though its record and its file are gone", async (context) => {
  const w = await world(context);
  await w.server("mx.sts.example");
  const { requests } = await w.policy("sts.example", ENFORCE);
  w.mx("sts.example", "mx.sts.example");
  const provider = w.provider();
  assert.deepEqual(await handOff(provider, ["a@sts.example"], "C3"), [ACCEPTED]);
  assert.deepEqual(requests, ["GET https://mta-sts.sts.example/.well-known/mta-sts.txt"]);
  w.dns.zone.remove("_mta-sts.sts.example");
  w.dns.zone.remove("mta-sts.sts.example");
  await w.server("mx.evil.example");
  w.mx("sts.example", "mx.evil.example");
  assert.deepEqual(await handOff(provider, ["a@sts.example"], "C3"), ["deferred recipient mta-sts-mismatch"]);
  assert.equal(requests.length, 1, "kept, not fetched for each message");
});

test("MTA-STS: what is no policy is none: another certificate, a redirect, nonsense, a testing one", async (context) => {
  const mismatch = ENFORCE.replace("mx.sts.example", "mx.elsewhere.example");
  const cases = [
    ["a certificate of somebody", mismatch, { issued: authority("Stranger").issue(["mta-sts.sts.example"]) }],
    ["a certificate for another name", mismatch, { issued: null }],
    ["a redirect", mismatch, { status: 301 }],
    ["nonsense", "hello", {}],
    ["too long", mismatch + "x: y\n".repeat(1_800), {}],
    ["testing", mismatch.replace("enforce", "testing"), {}],
    ["none", "version: STSv1\nmode: none\nmax_age: 0\n", {}],
  ] as const;
  for (const [what, text, options] of cases) {
    const w = await world(context);
    await w.server("mx.sts.example");
    w.mx("sts.example", "mx.sts.example");
    const issued = "issued" in options ? (options.issued ?? w.root.issue(["sts.example"])) : undefined;
    const { requests } = await w.policy("sts.example", text, { ...options, ...(issued ? { issued } : {}) } as object);
    assert.deepEqual(await handOff(w.provider(), ["a@sts.example"], "C3"), [ACCEPTED], what);
    assert.equal(requests.length, issued ? 0 : 1, what);
  }
});

test("the class decides where the domain says nothing", async (context) => {
  const w = await world(context);
  await w.server("mx.proven.example");
  await w.server("mx.unproven.example", { issued: authority("Stranger").issue(["mx.unproven.example"]) });
  const clear = await w.server("mx.clear.example", { script: { offers: ["PIPELINING"] } });
  const broken = await w.server("mx.broken.example", { script: { starttls: line("454 4.7.0 Not now") } });
  for (const domain of ["proven.example", "unproven.example", "clear.example", "broken.example"])
    w.mx(domain, `mx.${domain}`);
  const provider = w.provider();
  const to = (domain: string, c: "C0" | "C1" | "C2") => handOff(provider, [`a@${domain}`], c);
  const elsewhere = ["rejected account tls-required"];
  assert.deepEqual(await to("proven.example", "C0"), [ACCEPTED]);
  assert.deepEqual(await to("unproven.example", "C0"), elsewhere);
  assert.deepEqual(await to("clear.example", "C0"), elsewhere);
  assert.deepEqual(await to("unproven.example", "C1"), [ACCEPTED]);
  assert.deepEqual(await to("clear.example", "C1"), elsewhere);
  assert.deepEqual(await to("broken.example", "C1"), elsewhere);
  assert.equal(clear.messages.length + broken.messages.length, 0);
  for (const domain of ["unproven.example", "clear.example", "broken.example"])
    assert.deepEqual(await to(domain, "C2"), [ACCEPTED], domain);
});

test("a line that was opened for less is not used for more", async (context) => {
  const w = await world(context);
  await w.server("mx.there.example", { issued: authority("Stranger").issue(["mx.there.example"]) });
  w.mx("there.example", "mx.there.example");
  const provider = w.provider();
  assert.deepEqual(await handOff(provider, ["a@there.example"], "C2"), [ACCEPTED]);
  assert.deepEqual(await handOff(provider, ["a@there.example"], "C0"), ["rejected account tls-required"]);
  assert.deepEqual(
    await handOff(provider, ["a@there.example"], "C2"),
    [ACCEPTED],
    "and that was no fault of the domain",
  );
});
