import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../mail/index.ts";
import { signalOf } from "./signal.ts";

const outcome = (kind: Outcome["kind"], scope: Outcome["scope"], cause = "some-cause"): Outcome => ({
  kind,
  scope,
  cause,
});

test("what one recipient's own server does is nothing against the way to all others", () => {
  for (const kind of ["indeterminate", "held"] as const) {
    assert.equal(signalOf([outcome(kind, "recipient")]), null);
    assert.deepEqual(signalOf([outcome(kind, "message")]), { kind: "bad", cause: "some-cause" });
  }
  assert.deepEqual(signalOf([outcome("deferred", "recipient")]), { kind: "good" });
  assert.deepEqual(signalOf([outcome("rejected", "account", "tls-required")]), { kind: "good" });
  assert.deepEqual(signalOf([outcome("held", "account")]), { kind: "fatal", cause: "some-cause" });
});
