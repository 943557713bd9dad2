import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { ApiKind, ApiProviderSettings } from "../../src/config/index.ts";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { LabInbox } from "../../src/lab/inbox.ts";
import { SES_ACCESS_KEY_ID, SES_CONFIGURATION_SET } from "../../src/lab/twins/ses.ts";
import { deliverThrough, startTwin } from "../../src/lab/twins/index.ts";
import { type LabWorld, startLabWorld } from "../../src/lab/world.ts";
import { createProvider } from "../../src/providers/index.ts";
import { eventually } from "../support/eventually.ts";
import { apiSettings } from "./api-contract.ts";
import { someHandoff } from "./provider-contract.ts";

const DOMAIN = "account.acme.example";
const VENDORS: Partial<Record<ApiKind, Partial<ApiProviderSettings>>> = {
  mailgun: { domain: DOMAIN },
  mandrill: {},
  postmark: {},
  resend: {},
  sendgrid: {},
  ses: { accessKeyId: SES_ACCESS_KEY_ID, region: "eu-central-1", channel: SES_CONFIGURATION_SET },
};

describe("mail an adapter hands to its vendor arrives authenticated", () => {
  const inbox = new LabInbox();
  let world: LabWorld;
  before(async () => {
    world = await startLabWorld({ inbox, clock: systemClock, log: silentLog, changed: () => {} });
  });
  after(() => world.stop());

  for (const [vendor, settings] of Object.entries(VENDORS) as [ApiKind, Partial<ApiProviderSettings>][]) {
    test(`${vendor}: dkim, spf and dmarc pass for the author's domain`, async () => {
      inbox.clear();
      const office = world.postOffice(vendor, vendor);
      office.setUp(DOMAIN);
      const deliver = deliverThrough(office);
      const twin = await startTwin(vendor, { clock: systemClock, log: silentLog, domain: DOMAIN, deliver });
      const provider = createProvider(apiSettings(twin, settings), {
        clock: systemClock,
        log: silentLog,
        hostname: "postern.lab.test",
      });
      try {
        const { recipients } = await provider.handOff(someHandoff(1), new AbortController().signal);
        assert.equal(recipients[0]?.kind, "accepted");
        await eventually(() => inbox.counts.messages === 1);
        await world.receiving.settled();
        const { receipt, envelope, provider: carrier } = inbox.newest()[0]!;
        assert.equal(carrier, vendor);
        assert.equal(envelope.recipients[0]?.address, "rcpt0@example.net");
        const found = receipt?.authentication;
        assert.ok(typeof found === "object", String(found));
        assert.equal(found.spf.result, "pass");
        assert.ok(found.dkim.some(({ domain, result }) => domain === DOMAIN && result === "pass"));
        assert.deepEqual(found.dmarc, { domain: DOMAIN, result: "pass", policy: "reject" });
      } finally {
        await provider.close();
        await twin.stop();
      }
    });
  }
});
