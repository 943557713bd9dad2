import { type Clock, Problem } from "../../kernel/index.ts";
import type { Assumed } from "../../judge/index.ts";
import type { LeafMaker } from "../../ledger/index.ts";
import {
  type Calibration,
  type Found,
  approveCalibration,
  assumedWith,
  insertCalibration,
  waitingCalibration,
} from "../../standing/index.ts";
import type { Database, Queryable } from "../../store/index.ts";
import { isOverdue, personOf } from "../two-people.ts";
import { type Lowered, loweredTooFar } from "./meaning.ts";

type Parts = { database: Database; clock: Clock; leaves: LeafMaker };

export type ApplyOrder = {
  found: Found;
  /** What verdicts are made with at this moment. */
  present: Assumed;
  perMinute: Readonly<Record<string, number>>;
  days: number;
  operator: string;
};

/** `waitsFor`: the threshold that falls so far that a second person has to approve of it; null: it counts. */
export type Applied = { calibration: number; waitsFor: Lowered | null };

/**
 * Writes what was found; the node that leads judges with it within half a minute. Where a threshold falls by more than a
 * fifth nothing changes until a second person has approved of it, with an order of their own.
 * @throws Problem `calibrate-nothing-found`, `calibrate-bad-name`
 */
export async function applyCalibration(
  { database, clock, leaves }: Parts,
  { found, present, perMinute, days, operator }: ApplyOrder,
): Promise<Applied> {
  if (Object.keys(found).length === 0)
    throw new Problem(
      "calibrate-nothing-found",
      "Too little stands behind every figure, so there is nothing to apply. Ask again with more days, or later.",
    );
  checkName(operator);
  const waitsFor = loweredTooFar(present, assumedWith(found), perMinute)[0] ?? null;
  const at = clock.now();
  const waits = waitsFor !== null;
  return database.transaction(async (tx) => {
    const made = { madeAt: at, operator, approvedBy: null, days, found, waits };
    const calibration = await insertCalibration(tx, made);
    if (!waits) await writeLeaf(tx, leaves, { calibrationId: calibration, ...made }, at);
    return { calibration, waitsFor };
  });
}

/**
 * The second person of two.
 * @throws Problem `calibrate-not-waiting`, `calibrate-needs-second`, `calibrate-bad-name`
 */
export async function approve({ database, clock, leaves }: Parts, id: number, operator: string): Promise<void> {
  checkName(operator);
  const at = clock.now();
  await database.transaction(async (tx) => {
    const waiting = await waitingCalibration(tx);
    if (waiting?.calibrationId !== id)
      throw notWaiting(
        waiting
          ? `Calibration ${waiting.calibrationId} waits for a second person, and ${id} does not.`
          : `Calibration ${id} waits for nobody: it counts already, a newer one took its place, or there is none.`,
      );
    if (isOverdue(waiting.madeAt, at))
      throw notWaiting(
        `Calibration ${id} waited for a second person for more than 24 hours. Propose it anew: --apply.`,
      );
    if (personOf(waiting) === personOf({ operator }))
      throw new Problem(
        "calibrate-needs-second",
        `${waiting.operator} proposed calibration ${id}; somebody else has to approve of it, with a command of their own.`,
      );
    if (!(await approveCalibration(tx, id, operator))) throw notWaiting(`Calibration ${id} waits no longer.`);
    await writeLeaf(tx, leaves, { ...waiting, approvedBy: operator }, at);
  });
}

const notWaiting = (sentence: string): Problem => new Problem("calibrate-not-waiting", sentence);

function checkName(operator: string): void {
  if (operator.trim() === "" || operator.length > 100)
    throw new Problem("calibrate-bad-name", "Names of people have from 1 to 100 characters.");
}

async function writeLeaf(
  tx: Queryable,
  leaves: LeafMaker,
  { calibrationId, operator, approvedBy, found }: Omit<Calibration, "madeAt" | "days" | "waits">,
  at: number,
): Promise<void> {
  const figures = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, String(value)]));
  await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [
    new Date(at),
    leaves.calibration({ calibration: calibrationId, operator, approvedBy, figures, at }),
  ]);
}
