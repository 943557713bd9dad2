import { type Clock, Problem } from "../../kernel/index.ts";
import type { Assumed } from "../../judge/index.ts";
import type { LeafMaker } from "../../ledger/index.ts";
import { type Found, assumedWith, insertCalibration } from "../../standing/index.ts";
import type { Database } from "../../store/index.ts";
import { loweredTooFar } from "./meaning.ts";

export type ApplyOrder = {
  found: Found;
  /** What verdicts are made with at this moment. */
  present: Assumed;
  perMinute: Readonly<Record<string, number>>;
  days: number;
  operator: string;
  approvedBy: string | null;
};

/**
 * Writes what was found; the node that leads judges with it within half a minute.
 * @throws Problem `calibrate-nothing-found`, `calibrate-needs-second`, `calibrate-bad-name`
 */
export async function applyCalibration(
  { database, clock, leaves }: { database: Database; clock: Clock; leaves: LeafMaker },
  { found, present, perMinute, days, operator, approvedBy }: ApplyOrder,
): Promise<number> {
  if (Object.keys(found).length === 0)
    throw new Problem(
      "calibrate-nothing-found",
      "Too little stands behind every figure, so there is nothing to apply. Ask again with more days, or later.",
    );
  for (const name of [operator, ...(approvedBy === null ? [] : [approvedBy])])
    if (name.trim() === "" || name.length > 100)
      throw new Problem("calibrate-bad-name", "Names of people have from 1 to 100 characters.");
  const lowered = loweredTooFar(present, assumedWith(found), perMinute);
  const isSecond = approvedBy !== null && personOf(approvedBy) !== personOf(operator);
  if (lowered.length > 0 && !isSecond) {
    const [{ provider, what, was, becomes }] = lowered as [(typeof lowered)[number]];
    throw new Problem(
      "calibrate-needs-second",
      `${what} of ${provider} would fall from ${was.toFixed(1)} to ${becomes.toFixed(1)}, by more than a fifth: mail would leave a provider sooner than it does. A second person has to agree: --approved-by NAME.`,
    );
  }
  const at = clock.now();
  return database.transaction(async (tx) => {
    const id = await insertCalibration(tx, { madeAt: at, operator, approvedBy, days, found });
    await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [
      new Date(at),
      leaves.calibration({
        calibration: id,
        operator,
        approvedBy,
        figures: Object.fromEntries(Object.entries(found).map(([name, value]) => [name, String(value)])),
        at,
      }),
    ]);
    return id;
  });
}

const personOf = (name: string): string => name.trim().toLowerCase();
