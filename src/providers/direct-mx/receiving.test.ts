import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../../kernel/index.ts";
import { LabInbox } from "../../lab/inbox.ts";
import { startReceiving } from "../../lab/receiving/index.ts";
import { handOff, MxWorld } from "./world-for-tests.ts";

test("the lab's receiving server takes secret mail by the key it publishes, and by no other", async (context) => {
  const w = await MxWorld.start(context);
  const inbox = new LabInbox();
  const parts = { dns: w.dns, inbox, clock: systemClock, log: silentLog, changed: () => {}, carrierOf: () => null };
  const receiving = await startReceiving(parts);
  context.after(() => receiving.stop());
  const provider = w.provider({ port: receiving.address.port });
  const secret = () => handOff(provider, ["a@any.example", "b@other.example"], "C0");
  assert.deepEqual(
    await secret(),
    ["rejected account tls-required", "rejected account tls-required"],
    "nothing is signed",
  );
  w.dns.zone.setSigned("", true);
  assert.deepEqual(await secret(), ["accepted message accepted", "accepted message accepted"]);
  receiving.setRefusal("b@other.example", "550 5.1.1 No such user");
  assert.deepEqual(await secret(), ["accepted message accepted", "rejected recipient mailbox-unavailable"]);
});
