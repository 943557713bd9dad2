import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { silentLog, systemClock } from "../kernel/index.ts";
import { LabInbox, type LabMessage } from "./inbox.ts";
import type { Authentication } from "./receiving/index.ts";
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
});
