import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { LeafMaker } from "../../src/ledger/index.ts";
import { placeRedrive } from "../../src/respond/index.ts";
import { eventually } from "../support/eventually.ts";
import { type ObservedPostern, type Story, startObservedPostern } from "../support/observed-postern.ts";

let postern: ObservedPostern;
before(async () => {
  postern = await startObservedPostern({
    kinds: ["mandrill", "resend"],
    tenant: {
      streams: [
        { name: "mandrill", class: "C2", ttlMs: null },
        { name: "resets", class: "C0", ttlMs: null },
      ],
      defaultStream: "mandrill",
      routes: {
        default: { prefer: ["mandrill"], standby: ["resend"], standbyShare: 0, weights: null, avoidOwnerGroups: [] },
      },
    },
  });
});
after(() => postern.stop());

const handedOff = (story: Story): boolean => story.attempts.at(-1)?.outcome === "accepted";

describe("a provider that takes mail and drops it", () => {
  test("all 20 critical mails arrive once by the standby, resets are asked for anew, nothing goes out twice", async (t) => {
    postern.twin("mandrill").setFault({ mode: "accept-then-drop" });
    const sinceAt = systemClock.now();
    const critical: string[] = [];
    const secrets: string[] = [];
    for (let n = 0; n < 20; n += 1) critical.push(await postern.send("mandrill", { to: [`c${n}@example.net`] }));
    for (let n = 0; n < 3; n += 1)
      secrets.push(await postern.send("mandrill", { to: [`s${n}@example.net`], stream: "resets" }));
    for (const id of [...critical, ...secrets]) await postern.until(id, handedOff);

    const { database } = postern.place;
    const verdictAt = systemClock.now();
    await placeRedrive(
      { provider: "mandrill", scope: "", sinceAt, verdictAt, reason: "silence", lying: false, operator: null },
      { database, leaves: new LeafMaker(Buffer.alloc(32, 7)), clock: systemClock, log: silentLog },
    );
    for (const id of critical) {
      const story = await postern.until(id, (one) => one.recipients[0]?.state === "delivered");
      assert.deepEqual(
        story.attempts.map((one) => [one.provider, one.outcome]),
        [
          ["mandrill", "accepted"],
          ["resend", "accepted"],
        ],
      );
    }
    t.diagnostic(`20 of 20 delivered by the standby ${systemClock.now() - verdictAt} ms after the order`);
    const reached = postern.twin("resend").account.sent.flatMap((one) => one.recipients);
    assert.deepEqual(reached.toSorted(), critical.map((_, n) => `c${n}@example.net`).toSorted());
    assert.equal(postern.twin("resend").counts.delivered, 20);
    assert.equal(postern.twin("mandrill").counts.delivered, 0);
    for (const id of secrets) {
      const story = await postern.until(id, (one) =>
        one.events.some((event) => event.kind === "message.reissue-wanted"),
      );
      assert.equal(story.attempts.length, 1);
      assert.equal(story.recipients[0]!.state, "handed-off");
    }
    await eventually(async () =>
      /postern_redriven_total\{provider="mandrill",result="resent"\} 20/.test(await postern.metrics()),
    );
  });
});
