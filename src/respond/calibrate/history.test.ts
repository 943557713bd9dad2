import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FreshDatabase, freshDatabase } from "../../../test/support/postgres.ts";
import { ASSUMED } from "../../judge/index.ts";
import { type Clock, newNodeId, newSpoolId, systemClock, systemRandom } from "../../kernel/index.ts";
import { LeafMaker } from "../../ledger/index.ts";
import { assumedWith, newestCalibration } from "../../standing/index.ts";
import { applyCalibration, approve } from "./apply.ts";
import { historyOf } from "./history.ts";

const NOW = Date.UTC(2026, 10, 25, 12);
const HOUR = 3_600_000;
const clock: Clock = { ...systemClock, now: () => NOW };
let fresh: FreshDatabase;
before(async () => {
  fresh = await freshDatabase();
});
after(() => fresh.drop());

/** A message to `address` that a provider took `ago` before now and told of after `tookMs`. */
async function handedOff(ago: number, tookMs: number | null, { address = "a@gmail.com", tenant = "acme" } = {}) {
  const id = newSpoolId(clock, systemRandom);
  const at = new Date(NOW - ago);
  const { database } = fresh;
  await database.query(
    `INSERT INTO messages (spool_id, tenant, stream, class, credential, door, return_path, author, header_message_id, size_bytes, body_mac, needs_smtputf8, needs_8bit, accepted_at)
     VALUES ($1, $2, 'resets', 0, 'app', 'http', '', 'a@acme.test', 'x', 1, '\\x00', false, false, $3)`,
    [id, tenant, at],
  );
  await database.query("INSERT INTO recipients (spool_id, n, address) VALUES ($1, 0, $2)", [id, address]);
  await database.query(
    `INSERT INTO attempts (spool_id, n, provider, route_reason, node, fence, intent_at, settled_at, outcome)
     VALUES ($1, 1, 'harbour', '', $2, 1, $3, $3, 'accepted')`,
    [id, newNodeId(clock, systemRandom), at],
  );
  if (tookMs === null) return;
  for (const later of [0, 5_000])
    await database.query(
      "INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, $2, 'message.delivered', $3, $4, false)",
      [id, tenant, new Date(NOW - ago + tookMs + later), { provider: "harbour", attempt: 1, recipients: [0] }],
    );
}
const changed = (to: string, ago: number) =>
  fresh.database.query(
    `INSERT INTO standing_changes (provider, scope, from_state, to_state, at, because) VALUES ('harbour', '', 'HEALTHY', $1, $2, '{}')`,
    [to, new Date(NOW - ago)],
  );

test("history is what was handed off in good times: by whom, to which receivers, and how long until the first word", async () => {
  await changed("DOWN", 20 * HOUR);
  await changed("HEALTHY", 10 * HOUR);
  await handedOff(21 * HOUR, 1_000);
  await handedOff(20 * HOUR + 5 * 60_000, null); // just before the verdict: lost, as the verdict says
  await handedOff(15 * HOUR, null);
  await handedOff(9 * HOUR, 2_000, { address: "b@GMX.de" });
  await handedOff(8 * HOUR, null);
  await handedOff(8 * HOUR, 500, { tenant: "~canary" });
  await handedOff(0.5 * HOUR, null); // may still be told of
  await handedOff(40 * 24 * HOUR, 1_000);
  const { handOffs } = await historyOf(fresh.database, NOW, 14);
  assert.deepEqual(
    handOffs.toSorted((a, b) => a.at - b.at).map(({ provider, group, tookMs }) => [provider, group, tookMs]),
    [
      ["harbour", "gmail", 1_000],
      ["harbour", "gmx", 2_000],
      ["harbour", "gmail", null],
    ],
  );
});

test("a calibration is a row and a leaf; one that lowers a threshold by more than a fifth waits for a second person", async () => {
  let now = NOW;
  const later: Clock = { ...clock, now: () => now };
  const parts = { database: fresh.database, clock: later, leaves: new LeafMaker(Buffer.alloc(32, 7)) };
  const order = {
    found: { correlation: 0, neverConfirmed: 0.005 },
    present: ASSUMED,
    perMinute: { harbour: 10 },
    days: 14,
    operator: "Ada",
  };
  await assert.rejects(applyCalibration(parts, { ...order, found: {} }), { code: "calibrate-nothing-found" });
  const small = await applyCalibration(parts, { ...order, found: { correlation: 0.06 } });
  assert.equal(small.waitsFor, null);
  const proposed = await applyCalibration(parts, order);
  assert.ok(proposed.waitsFor!.becomes < proposed.waitsFor!.was * 0.8);
  assert.equal(
    (await newestCalibration(fresh.database))?.calibrationId,
    small.calibration,
    "nobody judges with it yet",
  );
  await assert.rejects(approve(parts, proposed.calibration, " ada"), { code: "calibrate-needs-second" });
  await assert.rejects(approve(parts, small.calibration, "grace"), { code: "calibrate-not-waiting" });
  now = NOW + 25 * HOUR;
  await assert.rejects(approve(parts, proposed.calibration, "grace"), { code: "calibrate-not-waiting" });
  now = NOW + HOUR;
  await approve(parts, proposed.calibration, "grace");
  await assert.rejects(approve(parts, proposed.calibration, "hedy"), { code: "calibrate-not-waiting" });
  const newest = await newestCalibration(fresh.database);
  assert.deepEqual([newest?.calibrationId, newest?.approvedBy], [proposed.calibration, "grace"]);
  const assumed = assumedWith(newest!.found);
  assert.deepEqual([assumed.correlation, assumed.loss.missAsUsual], [0, ASSUMED.loss.missAsUsual]);
  const leaves = await fresh.database.query<{ leaf: Buffer }>("SELECT leaf FROM ledger_leaves ORDER BY leaf_id DESC");
  assert.match(leaves[0]!.leaf.toString(), /"approvedBy":"grace".*"correlation":"0".*"kind":"calibration.applied"/);
  assert.equal(leaves.length, 2, "what nobody judges with leaves nothing");
});

test("a proposal that a newer calibration took the place of cannot be approved any more", async () => {
  const parts = { database: fresh.database, clock, leaves: new LeafMaker(Buffer.alloc(32, 7)) };
  const order = { found: { correlation: 0 }, present: ASSUMED, perMinute: { harbour: 10 }, days: 14, operator: "Ada" };
  const { calibration } = await applyCalibration(parts, order);
  await applyCalibration(parts, { ...order, found: { correlation: 0.06 } });
  await assert.rejects(approve(parts, calibration, "grace"), { code: "calibrate-not-waiting" });
});
