import assert from "node:assert/strict";
import { test } from "node:test";
import { type CanaryRow, CanaryWatch } from "./canaries.ts";

const row = (spoolId: string, result: CanaryRow["result"]): CanaryRow => ({
  changeId: 1,
  spoolId,
  provider: "p",
  receiver: "own",
  stream: "acme/resets",
  burst: false,
  handedOffAt: 1_000,
  deadlineAt: 31_000,
  arrivedAt: null,
  result,
});

test("a log is asked about a missing canary that was called delivered, not about a later one of which nothing was said", () => {
  const watch = new CanaryWatch();
  watch.see([row("called", null), row("silent", null)], 2_000);
  assert.equal(watch.missingOf("p"), null);
  assert.deepEqual(watch.told("called", "p", 4_000), [], "it may still arrive");
  const news = watch.see([row("called", "missed"), row("silent", "missed")], 31_000);
  assert.deepEqual(
    news.map(({ evidence }) => evidence.kind),
    ["canary-missed", "webhook-seen", "canary-missed"],
  );
  assert.equal(watch.missingOf("p"), "called");
});
