import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeProvider } from "../../test/support/mail-path.ts";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { type LogFields, silentLog } from "../kernel/index.ts";
import { silentMetrics } from "../metrics/index.ts";
import { Desk } from "./desk.ts";

test("the log tells why a breaker opened and when the next trial is, and of a trial not that it failed", async () => {
  const clock = virtualClock();
  const told: [event: string, fields: LogFields | undefined][] = [];
  const keep = (event: string, fields?: LogFields) => void told.push([event, fields]);
  const desk = new Desk(
    fakeProvider("harbour"),
    { concurrency: 5, ratePerS: null },
    {
      clock,
      log: { ...silentLog, info: keep, warn: keep },
      metrics: silentMetrics,
    },
  );
  desk.take();
  desk.give({ kind: "fatal", cause: "account-suspended" });
  await clock.advance(5_000);
  assert.ok(desk.usable);
  desk.take();
  desk.give({ kind: "good" });
  const provider = "harbour";
  assert.deepEqual(told, [
    [
      "breaker.opened",
      {
        provider,
        from: "closed",
        to: "open",
        reason: "the account was refused (account-suspended)",
        untilTrialMs: 5_000,
      },
    ],
    [
      "breaker.moved",
      { provider, from: "open", to: "half-open", reason: "the next message tries whether it works again" },
    ],
    ["breaker.moved", { provider, from: "half-open", to: "closed", reason: "it works again" }],
  ]);
});
