import assert from "node:assert/strict";
import type { Models, ServerClient } from "postmark";
import type { Call } from "../call.ts";
import type { CompatWorld } from "../world.ts";
import { EMAIL, STREAM } from "./shared.ts";

export function bounces(client: ServerClient, { told }: CompatWorld): Call[] {
  let n = 0;
  const bounced = async (): Promise<{ id: number; address: string; message: string }> => {
    const address = `gone${(n += 1)}@example.com`;
    const { MessageID: message } = await client.sendEmail({ ...EMAIL, To: address });
    await told(message, "message.bounced");
    const { Bounces } = await client.getBounces({ messageID: message });
    return { id: Bounces[0]!.ID, address, message };
  };
  return [
    {
      name: "getBounces",
      group: "suppression",
      async run() {
        const { address, message } = await bounced();
        const hard = await client.getBounces({ emailFilter: address, type: "HardBounce" as Models.BounceType });
        assert.deepEqual([hard.TotalCount, hard.Bounces[0]!.MessageID], [1, message]);
        const soft = await client.getBounces({ emailFilter: address, type: "SoftBounce" as Models.BounceType });
        assert.equal(soft.TotalCount, 0);
      },
    },
    {
      name: "getBounce",
      group: "suppression",
      async run() {
        const { id, address } = await bounced();
        const bounce = await client.getBounce(id);
        assert.deepEqual([bounce.ID, bounce.Email, bounce.Type], [id, address, "HardBounce"]);
        await assert.rejects(client.getBounce(999_999_999), /not found/);
      },
    },
    {
      name: "getBounceDump",
      group: "suppression",
      note: "empty: `DumpAvailable` is false",
      async run() {
        assert.equal((await client.getBounceDump((await bounced()).id)).Body, "");
      },
    },
    {
      name: "activateBounce",
      group: "suppression",
      async run() {
        const { id, address } = await bounced();
        await client.createSuppressions(STREAM, { Suppressions: [{ EmailAddress: address }] });
        assert.equal((await client.getBounce(id)).Inactive, true);
        assert.equal((await client.activateBounce(id)).Bounce.Inactive, false);
        assert.equal((await client.getSuppressions(STREAM, { emailAddress: address })).Suppressions.length, 0);
      },
    },
    {
      name: "getDeliveryStatistics",
      group: "suppression",
      async run() {
        await bounced();
        const { Bounces } = await client.getDeliveryStatistics();
        assert.ok(Bounces.find(({ Name }) => Name === "All")!.Count >= 1);
      },
    },
  ];
}

export function suppressions(client: ServerClient): Call[] {
  const address = "leaver@example.com";
  const list = { Suppressions: [{ EmailAddress: address }] };
  const there = async (): Promise<number> =>
    (await client.getSuppressions("outbound", { emailAddress: address })).Suppressions.length;
  return [
    {
      name: "createSuppressions",
      group: "suppression",
      note: "one list for all streams",
      async run() {
        const both = { Suppressions: [...list.Suppressions, { EmailAddress: "no address" }] };
        const answer = await client.createSuppressions("outbound", both);
        assert.deepEqual(
          answer.Suppressions.map(({ Status }) => Status),
          ["Suppressed", "Failed"],
        );
        assert.equal(await there(), 1);
      },
    },
    {
      name: "getSuppressions",
      group: "suppression",
      async run() {
        await client.createSuppressions("outbound", list);
        const { Suppressions } = await client.getSuppressions("outbound", { emailAddress: address });
        assert.equal(Suppressions[0]!.SuppressionReason, "ManualSuppression");
      },
    },
    {
      name: "deleteSuppressions",
      group: "suppression",
      async run() {
        await client.createSuppressions("outbound", list);
        assert.equal((await client.deleteSuppressions("outbound", list)).Suppressions[0]!.Status, "Deleted");
        assert.equal(await there(), 0);
      },
    },
  ];
}
