import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { greeted } from "../../lab/smtp/wire-for-tests.ts";
import { silentLog, systemClock, systemRandom } from "../../kernel/index.ts";
import { silentMetrics } from "../../metrics/index.ts";
import type { Door } from "../../accept/index.ts";
import type { Incoming } from "../arrivals.ts";
import { mxSettings } from "../canary-for-tests.ts";
import type { Canary } from "../rows/row.ts";
import { Tokens } from "../tokens.ts";
import { startMx } from "./mx.ts";

describe("the receiving server of canaries", () => {
  const tokens = new Tokens(Buffer.alloc(32, 1));
  const came: Incoming[] = [];
  const refusals: string[] = [];
  let door: Door;
  let answer: () => Promise<Canary | null>;
  before(async () => {
    door = await startMx({
      settings: mxSettings(),
      hostname: "postern.test",
      tokens,
      arrivals: { take: async (one) => (came.push(one), answer()) },
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      metrics: { ...silentMetrics, refused: (door_, code) => refusals.push(`${door_} ${code}`) },
    });
  });
  after(() => door.stop(0));
  const deliver = async (recipient: string, text = "Subject: hi\r\n\r\nhi"): Promise<string> => {
    const wire = await greeted(door.address.port);
    try {
      await wire.say("MAIL FROM:<b@vendor.test>");
      const rcpt = await wire.say(`RCPT TO:<${recipient}>`);
      if (!rcpt.startsWith("250")) return rcpt;
      await wire.say("DATA");
      return await wire.say(`${text}\r\n.`);
    } finally {
      wire.socket.destroy();
    }
  };

  test("takes what comes to an address that was drawn, without a login, and hands it on as it came", async () => {
    answer = async () => ({ canaryId: "0190-1" }) as Canary;
    const { localPart, hash } = tokens.draw(systemRandom);
    assert.match(await deliver(`${localPart}@C.test`), /^250 2\.0\.0 Queued as 0190-1/);
    const [one] = came;
    assert.deepEqual(one?.by, { tokenHash: hash });
    assert.deepEqual(
      [one?.returnPath, one?.own, one?.secure, one?.peer?.address],
      ["b@vendor.test", true, null, "127.0.0.1"],
    );
    assert.equal(one?.raw.toString(), "Subject: hi\r\n\r\nhi\r\n");
  });

  test("has no mailbox for anybody else: not for a guess, not in another domain, not for postmaster", async () => {
    came.length = 0;
    const { localPart } = tokens.draw(systemRandom);
    for (const address of ["mara@c.test", `${localPart}x@c.test`, `${localPart}@other.test`, "postmaster@c.test"])
      assert.match(await deliver(address), /^550 5\.1\.1/, address);
    assert.equal(came.length, 0);
    assert.ok(refusals.includes("canary-mx canary-unknown"));
  });

  test("refuses what nobody sent, and asks for another try where it cannot be written down", async () => {
    const { localPart } = tokens.draw(systemRandom);
    answer = async () => null;
    assert.match(await deliver(`${localPart}@c.test`), /^550 5\.1\.1/);
    answer = async () => Promise.reject(new Error("no database"));
    assert.match(await deliver(`${localPart}@c.test`), /^451 4\.3\.0/);
  });

  test("offers no login, and takes no large message", async () => {
    const wire = await greeted(door.address.port);
    const offers = await wire.say("EHLO c.test");
    assert.doesNotMatch(offers, /AUTH/);
    assert.match(await wire.say("MAIL FROM:<b@vendor.test> SIZE=3000000"), /^552 5\.3\.4/);
    wire.socket.destroy();
  });
});
