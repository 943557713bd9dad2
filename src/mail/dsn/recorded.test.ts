import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { testData } from "../../../test/support/test-data.ts";
import type { DeliveryEventType } from "../delivery-event.ts";
import { readReport } from "./index.ts";

/** One line of the list beside the recorded reports: fields as they stand in the report, and what two other readers say. */
type Recorded = {
  file: string;
  rfc3464: { fields: Record<string, unknown>[] };
  sisimai?: { action: string; reason: string }[];
  flufl?: { temporary: string[]; permanent: string[] };
};

const { folder, skip } = testData("dsn", "open");

const ACTIONS: Readonly<Record<string, DeliveryEventType>> = {
  failed: "bounced",
  failure: "bounced",
  delayed: "deferred",
  delivered: "delivered",
  deliverable: "delivered",
  relayed: "delivered",
  expanded: "delivered",
};
const REASONS: Readonly<Record<string, DeliveryEventType>> = {
  feedback: "complained",
  vacation: "autoresponded",
  delivered: "delivered",
};

/** The report's own fields before anybody's opinion. Null where nobody knows. An empty list of sisimai's says nothing. */
function expected({ file, rfc3464: { fields }, sisimai = [], flufl }: Recorded): Set<DeliveryEventType> | null {
  if (fields.some((one) => "feedback-report" in one)) return new Set(["complained"]);
  const actions = fields.flatMap(
    (one) => ACTIONS[/^[a-z]+/.exec(String(one["action"] ?? "").toLowerCase())?.[0] ?? ""] ?? [],
  );
  if (actions.length > 0) return new Set(actions);
  if (sisimai.length > 0)
    return new Set(
      sisimai.map(({ reason, action }) => REASONS[reason] ?? (action === "delayed" ? "deferred" : "bounced")),
    );
  const found = [
    ...(flufl?.temporary ?? []).map(() => "deferred" as const),
    ...(flufl?.permanent ?? []).map(() => "bounced" as const),
  ];
  if (found.length > 0) return new Set(found);
  return file.includes("/not/") ? new Set() : null;
}

/**
 * Where we read otherwise, and stay with it:
 * - exim-06, gmail-11, gmx-04, mailru-10: "permanent error", "failed permanently", "retry timeout exceeded": that is no delay.
 * - exim-41, gmail-06: "has not yet been delivered", "will be retried for 2 more days": that is one.
 * - rfc3834-05: an Auto-Submitted answer without a word about delivery.
 * - rb-issue-368: "bounce notification: mailbox full" by a postmaster, with its recipient, is a bounce.
 */
test("recorded reports are read as their fields and other readers say", { skip }, (t) => {
  const lines = readFileSync(path.join(folder, "expected.jsonl"), "utf8").trim().split("\n");
  const differ: string[] = [];
  let known = 0;
  for (const line of lines) {
    const recorded = JSON.parse(line) as Recorded;
    const file = path.join(folder, recorded.file);
    if (!existsSync(file)) continue;
    const { events } = readReport(readFileSync(file));
    const types = new Set(events.map(({ type }) => type).filter((type) => type !== "unknown"));
    const wanted = expected(recorded);
    if (wanted === null) continue;
    known += 1;
    if (types.size !== wanted.size || ![...types].every((type) => wanted.has(type)))
      differ.push(
        `${recorded.file}: ${[...types].join(" ") || "nothing"}, expected ${[...wanted].join(" ") || "nothing"}`,
      );
    // The first rule: whoever is only delayed, or answers by machine, is not written off.
    if ((wanted.has("deferred") || wanted.has("autoresponded")) && !wanted.has("bounced"))
      assert.ok(!events.some(({ bounce }) => bounce === "hard"), recorded.file);
  }
  const share = (known - differ.length) / known;
  t.diagnostic(`${known - differ.length} of ${known} agree (${(share * 100).toFixed(1)} %); not: ${differ.join("; ")}`);
  assert.ok(known > 500);
  assert.ok(share >= 0.97, differ.join("\n"));
});
