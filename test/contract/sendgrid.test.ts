import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../../src/kernel/index.ts";
import { startTwin } from "../../src/lab/twins/index.ts";
import { WITHOUT_EMAIL_ACTIVITY } from "../../src/lab/twins/sendgrid-activity.ts";
import { createProvider } from "../../src/providers/index.ts";
import { apiContract, apiSettings, outcomeUnder } from "./api-contract.ts";
import { deferred, rejected, someHandoff } from "./provider-contract.ts";

apiContract({
  vendor: "sendgrid",
  takesFields: true,
  logSettlesMs: 120_000,
  suspensions: {
    "under-review": { outcome: rejected("account-suspended", "account"), taken: 0 },
    forbidden: { outcome: rejected("auth-refused", "account"), taken: 0 },
    "key-revoked": { outcome: rejected("auth-refused", "account"), taken: 0 },
    "credits-exceeded": { outcome: rejected("quota-exhausted", "account"), taken: 0 },
  },
  refusals: {
    "sender-unverified": { outcome: rejected("sender-refused", "account"), taken: 0 },
    "recipient-invalid": { outcome: rejected("recipient-refused", "recipient"), taken: 0 },
    "bad-request": { outcome: rejected("command-refused", "account"), taken: 0 },
    "too-large": { outcome: rejected("message-too-large", "account"), taken: 0 },
    unavailable: { outcome: deferred("service-unavailable"), taken: 0 },
    sandbox: { outcome: { kind: "held", scope: "message", cause: "not-sent" }, taken: 0 },
    "not-found": { outcome: rejected("service-refused", "account"), taken: 0 },
  },
  intruderSeenIn: ["export", "key", "sender", "suppression", "webhook"],
});

test("sendgrid: on a plan without Email Activity, an unknown end and what was sent are found in the Email Logs", async (context) => {
  const twin = await startTwin("sendgrid", { clock: systemClock, log: silentLog });
  twin.account.put("setting", WITHOUT_EMAIL_ACTIVITY);
  const parts = { clock: systemClock, log: silentLog, hostname: "postern.example" };
  const provider = createProvider(apiSettings(twin), parts);
  context.after(async () => {
    await provider.close();
    await twin.stop();
  });
  const { attemptId } = someHandoff(1);
  assert.equal(await provider.lookup!(attemptId), "unavailable", "nothing is known of it yet");
  assert.equal((await outcomeUnder(twin, provider, { mode: "closed", taken: true })).kind, "indeterminate");
  twin.setFault({ mode: "ok" });
  assert.equal(await provider.lookup!(attemptId), "taken");
  await twin.insider.sendAs({ from: `a@${twin.domain}`, to: "victim@example.net", subject: "x", text: "y" });
  const activity = await provider.activity!({ sinceMs: 0, limit: 10 });
  assert.ok(activity.kind === "answer");
  const said = activity.value.map((one) => [one.attemptId, one.recipient]);
  assert.deepEqual(said, [
    [null, "victim@example.net"],
    [attemptId, "rcpt0@example.net"],
  ]);
});
