import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { eventually } from "../../../test/support/eventually.ts";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import { silentLog } from "../../kernel/index.ts";
import { LabInbox } from "../inbox.ts";
import { LabProvider } from "../lab-provider.ts";
import { greeted, send } from "../smtp/wire-for-tests.ts";
import { type LabWorld, startLabWorld } from "../world.ts";

describe("a provider that relays into the world", () => {
  const clock = virtualClock();
  const changed = () => {};
  let inbox: LabInbox;
  let world: LabWorld;
  let provider: LabProvider;
  before(async () => {
    inbox = new LabInbox();
    world = await startLabWorld({ inbox, clock, log: silentLog, changed });
    world.postOffice("harbour", "smtp").setUp("lab.test");
    const address = { host: "127.0.0.1", port: 0 };
    const relay = world.relay("harbour");
    provider = new LabProvider({ name: "harbour", address, inbox, relay, clock, log: silentLog, changed });
    await provider.start();
  });
  after(async () => {
    await provider.stop();
    await world.stop();
  });
  beforeEach(() => inbox.clear());

  async function mail(text: string, count = 1): Promise<void> {
    const wire = await greeted(provider.address.port);
    for (let sent = 0; sent < count; sent += 1) assert.match(await send(wire, text), /^250 /);
    wire.socket.destroy();
    await eventually(() => inbox.counts.messages === count);
    await world.receiving.settled();
  }

  test("keeps the return path, and signs as the author's domain", async () => {
    await mail("From: hello@lab.test\r\nSubject: hi\r\n\r\nhi");
    const [message] = inbox.newest();
    assert.deepEqual([message?.provider, message?.envelope.returnPath], ["harbour", "hello@lab.test"]);
    assert.deepEqual(message?.receipt?.authentication, {
      spf: { domain: "lab.test", result: "pass" },
      dkim: [{ domain: "lab.test", selector: "relay", result: "pass" }],
      dmarc: { domain: "lab.test", result: "pass", policy: "reject" },
    });
    assert.match(message?.raw.toString() ?? "", /^DKIM-Signature: [\s\S]*\r\nFrom: hello@lab\.test\r\n/);
  });

  test("carries octets above 127 and no return path at all", async () => {
    const wire = await greeted(provider.address.port);
    await wire.say("MAIL FROM:<> BODY=8BITMIME");
    await wire.say("RCPT TO:<mara@example.com>");
    await wire.say("DATA");
    assert.match(await wire.say("From: hello@lab.test\r\n\r\nGrüße\r\n."), /^250 /);
    await eventually(() => inbox.counts.messages === 1);
    assert.match(inbox.newest()[0]!.raw.toString(), /Grüße/);
    assert.equal(inbox.newest()[0]!.envelope.returnPath, "");
    wire.socket.destroy();
  });

  test("in a flood the rest comes into the inbox directly, and nothing is lost", async () => {
    await mail("From: hello@lab.test\r\n\r\nhi", 150);
    const ways = inbox.newest().map(({ receipt }) => (receipt === null ? "directly" : "through the world"));
    const through = ways.filter((way) => way === "through the world").length;
    assert.ok(through >= 90 && through <= 100, `${through} of 150`);
    await clock.advance(1_000);
    inbox.clear();
    await mail("From: hello@lab.test\r\n\r\nhi");
    assert.notEqual(inbox.newest()[0]?.receipt, null);
  });

  test("where the receiving server refuses, the inbox has it all the same", async () => {
    world.receiving.setRefusal("mara@example.com", "550 5.1.1 No such user");
    await mail("From: hello@lab.test\r\n\r\nhi");
    assert.equal(inbox.newest()[0]?.receipt, null);
    world.receiving.setRefusal("mara@example.com", null);
  });
});
