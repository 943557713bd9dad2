import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { silentLog, systemClock } from "../kernel/index.ts";
import { LabInbox, type LabMessage } from "./inbox.ts";
import type { Authentication } from "./receiving/index.ts";
import { dial } from "./smtp/wire-for-tests.ts";
import { DIALECTS } from "./twins/catalog.ts";
import { deliverThrough, type RunningTwin, startTwin } from "./twins/index.ts";
import { type LabWorld, startLabWorld } from "./world.ts";

const DOMAIN = "account.acme.example";
const VENDORS = Object.keys(DIALECTS) as (keyof typeof DIALECTS)[];

describe("mail of the lab's providers in the lab's world", () => {
  let inbox: LabInbox;
  let world: LabWorld;
  const twins = new Map<string, RunningTwin>();
  before(async () => {
    inbox = new LabInbox();
    world = await startLabWorld({ inbox, clock: systemClock, log: silentLog, changed: () => {} });
    for (const vendor of VENDORS) {
      const office = world.postOffice(vendor, vendor);
      office.setUp(DOMAIN);
      twins.set(
        vendor,
        await startTwin(vendor, {
          clock: systemClock,
          log: silentLog,
          domain: DOMAIN,
          deliver: deliverThrough(office),
        }),
      );
    }
    // Somebody else's domain, protected by its owner, and set up nowhere.
    world.dns.zone.set("_dmarc.arxxwalls.test", "TXT", "v=DMARC1; p=reject");
  });
  after(async () => {
    await Promise.all([...twins.values()].map((twin) => twin.stop()));
    await world.stop();
  });
  beforeEach(() => inbox.clear());

  const received = async (): Promise<LabMessage & { authentication: Authentication }> => {
    await world.receiving.settled();
    const [message, ...others] = inbox.newest();
    assert.ok(message && others.length === 0, `${others.length + 1} messages`);
    const { authentication } = message.receipt!;
    if (typeof authentication === "string") throw new Error(authentication);
    return { ...message, authentication };
  };
  const sendFrom = (vendor: string, from: string) =>
    twins.get(vendor)!.insider.sendAs({ from, to: "mara@example.net", subject: "Hello", text: "Good day" });

  for (const vendor of VENDORS) {
    test(`${vendor}: passes SPF, DKIM and DMARC from a domain that is set up`, async () => {
      await sendFrom(vendor, `News <news@${DOMAIN}>`);
      const { provider, envelope, authentication, receipt } = await received();
      assert.equal(provider, vendor);
      assert.match(receipt!.client.tls ?? "", /^TLSv1\.3 /);
      assert.equal(authentication.spf.result, "pass");
      assert.equal(authentication.spf.domain, envelope.returnPath.split("@")[1]);
      assert.ok(authentication.dkim.length > 0 && authentication.dkim.every(({ result }) => result === "pass"));
      assert.equal(authentication.dkim.filter(({ domain }) => domain === DOMAIN).length, 1);
      assert.deepEqual(authentication.dmarc, { domain: DOMAIN, result: "pass", policy: "reject" });
    });

    test(`${vendor}: of a foreign author only the vendor's own signature and return path pass`, async () => {
      await sendFrom(vendor, "ceo@arxxwalls.test");
      const { authentication } = await received();
      assert.deepEqual(authentication.spf, { domain: `${vendor}.example`, result: "pass" });
      assert.deepEqual(
        authentication.dkim.map(({ domain, result }) => `${domain} ${result}`),
        [`${vendor}.example pass`],
      );
      assert.deepEqual(authentication.dmarc, { domain: "arxxwalls.test", result: "fail", policy: "reject" });
    });
  }

  test("a domain counts only where both the account and the DNS know it", async () => {
    const twin = twins.get("postmark")!;
    const held = twin.account.things("domain").get(DOMAIN)!;
    twin.account.things("domain").delete(DOMAIN);
    await sendFrom("postmark", `news@${DOMAIN}`);
    const { authentication } = await received();
    assert.deepEqual(
      [authentication.dmarc.result, authentication.dkim.map(({ domain }) => domain)],
      ["fail", ["postmark.example"]],
    );
    twin.account.put("domain", held);
    inbox.clear();
    twin.account.put("domain", { id: "arxxwalls.test" }); // as an intruder adds it, who cannot change its DNS
    await sendFrom("postmark", "ceo@arxxwalls.test");
    assert.equal((await received()).authentication.dmarc.result, "fail");
    twin.account.things("domain").delete("arxxwalls.test");
  });

  test("a domain below one that is set up is signed for by the one above", async () => {
    await sendFrom("mandrill", `news@shop.${DOMAIN}`);
    const { dmarc, dkim } = (await received()).authentication;
    assert.deepEqual([dmarc.domain, dmarc.result, dkim[0]?.domain], [`shop.${DOMAIN}`, "pass", DOMAIN]);
  });

  test("one octet that changes on the way breaks the signature, and the wrong server breaks SPF", async () => {
    await sendFrom("ses", `news@${DOMAIN}`);
    const { raw, envelope } = await received();
    for (const [text, verdict] of [
      [raw, "pass"],
      [Buffer.from(raw.toString("latin1").replace("Good day", "Good dax"), "latin1"), "fail"],
      [Buffer.from(raw.toString("latin1").replace("Subject: Hello", "Subject: Hallo"), "latin1"), "fail"],
    ] as const) {
      inbox.clear();
      await deliverAsStranger(text, envelope.returnPath);
      const { provider, authentication } = await received();
      assert.equal(provider, "(stranger.example)");
      assert.deepEqual(new Set(authentication.dkim.map(({ result }) => result)), new Set([verdict]));
      assert.deepEqual([authentication.spf.result, authentication.dmarc.result], ["fail", verdict]);
    }
  });

  test("without a return path SPF is asked for the name of the server; without a signature and a record DMARC is none", async () => {
    await deliverAsStranger(Buffer.from("From: a@nowhere.test\r\nSubject: hi\r\n\r\nhi\r\n"), "");
    assert.deepEqual((await received()).authentication, {
      spf: { domain: "stranger.example", result: "none" },
      dkim: [],
      dmarc: { domain: "nowhere.test", result: "none", policy: null },
    });
  });

  test("recipients beyond what a server takes at once go in a second transfer; those refused are named", async () => {
    const office = world.postOffice("ses", "ses");
    const recipients = Array.from({ length: 130 }, (_, n) => `rcpt${n}@example.net`);
    for (const one of ["rcpt0", "rcpt129"]) world.receiving.setRefusal(`${one}@example.net`, "550 5.1.1 No such user");
    const raw = Buffer.from(`From: news@${DOMAIN}\r\nSubject: hi\r\n\r\nhi\r\n`);
    const refused = await office.send({ id: "1", raw, recipients, returnPath: null });
    assert.deepEqual(refused, ["rcpt0@example.net", "rcpt129@example.net"]);
    assert.deepEqual(
      inbox.newest().map(({ envelope }) => envelope.recipients.length),
      [29, 99],
    );
    assert.deepEqual(await office.send({ id: "2", raw, recipients: ["rcpt0@example.net"], returnPath: null }), [
      "rcpt0@example.net",
    ]);
    for (const one of ["rcpt0", "rcpt129"]) world.receiving.setRefusal(`${one}@example.net`, null);
  });

  test("a message with more signatures than anyone looks at is not checked", async () => {
    const fields = "DKIM-Signature: v=1; a=rsa-sha256; d=x.test; s=s; h=from; bh=; b=\r\n".repeat(21);
    await deliverAsStranger(Buffer.from(`${fields}From: a@x.test\r\n\r\nhi\r\n`), "");
    await world.receiving.settled();
    assert.equal(inbox.newest()[0]?.receipt?.authentication, "unchecked");
  });

  test("a name that does not answer is an error of the moment, not a failure", async () => {
    world.dns.zone.setFault(`lab1._domainkey.${DOMAIN}`, "servfail");
    await sendFrom("ses", `news@${DOMAIN}`);
    const { dkim } = (await received()).authentication;
    world.dns.zone.setFault(`lab1._domainkey.${DOMAIN}`, null);
    assert.deepEqual(dkim.map(({ domain, result }) => `${domain} ${result}`).toSorted(), [
      `${DOMAIN} temperror`,
      "ses.example pass",
    ]);
  });

  /** Hands `raw` over as it is, from an address and under a name that no record knows. */
  async function deliverAsStranger(raw: Buffer, returnPath: string): Promise<void> {
    const wire = await dial(world.receiving.address.port);
    await wire.reply();
    await wire.say("EHLO stranger.example");
    await wire.say(`MAIL FROM:<${returnPath}>`);
    await wire.say("RCPT TO:<mara@example.net>");
    await wire.say("DATA");
    wire.write(raw);
    assert.match(await wire.say("."), /^250 /);
    wire.socket.destroy();
  }
});
