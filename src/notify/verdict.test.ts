import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_MS, type Random } from "../kernel/index.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { RETRY_WAITS_MS, verdictOf } from "./verdict.ts";

const NOW = 1_000_000;
const even: Random = { ...seededRandom(1), fraction: () => 0.5 };
const answered = (status: number, retryAfterMs: number | null = null) =>
  ({ kind: "answered", status, retryAfterMs }) as const;

test("only a 2xx is a delivery", () => {
  for (const status of [200, 202, 204, 299]) assert.equal(verdictOf(answered(status), 1, NOW, even).kind, "delivered");
  for (const status of [101, 300, 301, 307, 400, 401, 404, 429, 500, 503])
    assert.equal(verdictOf(answered(status), 1, NOW, even).kind, "again", String(status));
});

test("tries span more than a day and end", () => {
  const sumMs = RETRY_WAITS_MS.reduce((sum, waitMs) => sum + waitMs, 0);
  assert.ok(sumMs > 24 * HOUR_MS && sumMs < 36 * HOUR_MS);
  for (const [index, waitMs] of RETRY_WAITS_MS.entries())
    assert.deepEqual(verdictOf(answered(500), index + 1, NOW, even), {
      kind: "again",
      dueAt: NOW + waitMs,
      error: "answered 500",
    });
  assert.deepEqual(verdictOf(answered(500), RETRY_WAITS_MS.length + 1, NOW, even), {
    kind: "gave-up",
    error: "answered 500",
  });
  assert.equal(verdictOf(answered(500), 99, NOW, even).kind, "gave-up"); // tries that a killed node never settled count, too
});

test("the waits of one outage are spread by a tenth", () => {
  const random = seededRandom(7);
  const waits = Array.from({ length: 500 }, () => {
    const verdict = verdictOf({ kind: "failed", cause: "ECONNREFUSED" }, 2, NOW, random);
    return verdict.kind === "again" ? (verdict.dueAt - NOW) / RETRY_WAITS_MS[1]! : Number.NaN;
  });
  assert.ok(Math.min(...waits) >= 0.9 && Math.max(...waits) <= 1.1);
  assert.ok(Math.max(...waits) - Math.min(...waits) > 0.15);
});

test("Retry-After lengthens a wait, never shortens it, and is bounded", () => {
  const due = (retryAfterMs: number, tries: number) => {
    const verdict = verdictOf(answered(503, retryAfterMs), tries, NOW, even);
    return verdict.kind === "again" ? verdict.dueAt - NOW : Number.NaN;
  };
  assert.equal(due(60_000, 1), 60_000);
  assert.equal(due(1_000, 2), RETRY_WAITS_MS[1]);
  assert.equal(due(400 * HOUR_MS, 1), 6 * HOUR_MS);
});

test("an error names the fault in our own words", () => {
  const errorOf = (answer: Parameters<typeof verdictOf>[0]) => {
    const verdict = verdictOf(answer, 1, NOW, even);
    return "error" in verdict ? verdict.error : null;
  };
  assert.equal(errorOf({ kind: "refused", code: "egress-port", sentence: "…" }), "egress-port");
  assert.equal(errorOf({ kind: "failed", cause: "CERT_HAS_EXPIRED" }), "CERT_HAS_EXPIRED");
});
