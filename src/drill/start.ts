import { type Clock, HOUR_MS, Problem, SECOND_MS } from "../kernel/index.ts";
import type { LeafMaker } from "../ledger/index.ts";
import type { Database, Queryable } from "../store/index.ts";
import { DRILL_BOUNDS } from "./bounds.ts";
import type { DrillOrder, DrillPlan } from "./plan.ts";
import { type Drill, askStop, findDrill, insertDrill, runningDrill } from "./rows.ts";

type Parts = { database: Database; clock: Clock; leaves: LeafMaker };

/** @throws Problem `drill-bad-order`: what a person typed is no drill. */
export function checkOrder({ share, forMs, operator, reason, streams }: DrillOrder): void {
  const bad = (sentence: string): Problem => new Problem("drill-bad-order", sentence);
  if (!(share > 0 && share <= 1)) throw bad(`The share must be above 0 and at most 1; it is ${share}.`);
  if (!(forMs >= DRILL_BOUNDS.leastMs && forMs <= DRILL_BOUNDS.mostMs))
    throw bad(
      `A drill lasts from ${DRILL_BOUNDS.leastMs / SECOND_MS} seconds to ${DRILL_BOUNDS.mostMs / HOUR_MS} hours. For longer, change the route.`,
    );
  if (operator.trim() === "" || operator.length > 100) throw bad("Say who you are, in at most 100 characters.");
  if (reason.trim() === "" || reason.length > 300) throw bad("Say why, in at most 300 characters.");
  if (streams !== null && streams.length === 0) throw bad("Name at least one stream, or leave --streams out.");
}

/**
 * Begins one: from the commit on every node advises against the provider within half a second. Whether it may begin was
 * asked of `planOf` before.
 * @throws Problem `drill-nobody-runs`, `drill-already-runs`, `drill-bad-order`.
 */
export async function startDrill(
  { database, clock, leaves }: Parts,
  order: DrillOrder,
  plan: DrillPlan,
): Promise<Drill> {
  checkOrder(order);
  if (!(await somebodyRuns(database)))
    throw new Problem(
      "drill-nobody-runs",
      "No Postern runs on this data, so nobody would watch the drill and end it. Start one (postern serve), then ask again.",
    );
  return database.transaction(async (tx) => {
    const at = clock.now();
    const drill = await insertDrill(tx, order, plan, at);
    if (!drill) throw alreadyRuns(await runningDrill(tx));
    await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [
      new Date(at),
      leaves.drill({
        kind: "drill.started",
        drill: drill.drillId,
        provider: drill.provider,
        at,
        detail: {
          operator: drill.operator,
          reason: drill.reason,
          until: drill.untilAt,
          sharePercent: Math.round(drill.share * 100),
          streams: drill.streams ?? [],
          moves: plan.moves.length,
        },
      }),
    ]);
    return drill;
  });
}

/** Told beforehand, so that nobody reads a plan that cannot be carried out. @throws Problem `drill-already-runs` */
export async function refuseSecond(database: Queryable): Promise<void> {
  const running = await runningDrill(database);
  if (running) throw alreadyRuns(running);
}

const alreadyRuns = (running: Drill | null): Problem =>
  new Problem(
    "drill-already-runs",
    running === null
      ? "Another drill has just begun. One at a time: postern drill list shows it."
      : `Drill ${running.drillId} withdraws ${running.provider} at this moment. One at a time: wait for its end, or postern drill stop.`,
  );

/** @throws Problem `drill-not-running` */
export async function stopDrill(
  { database, clock }: Pick<Parts, "database" | "clock">,
  id: number | null,
  operator: string,
): Promise<Drill> {
  const asked = await askStop(database, id, operator, clock.now());
  if (asked) return asked;
  const known = id === null ? null : await findDrill(database, id);
  throw new Problem(
    "drill-not-running",
    known
      ? `Drill ${known.drillId} has ended already (postern drill show ${known.drillId}).`
      : id === null
        ? "No drill runs at this moment."
        : `There is no drill ${id}; postern drill list shows them.`,
  );
}

/** A heartbeat of the last ten seconds; both instants are the database's, so no other clock matters. */
async function somebodyRuns(database: Queryable): Promise<boolean> {
  const [row] = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM nodes WHERE seen_at > clock_timestamp() - interval '10 seconds'",
  );
  return (row?.n ?? 0) > 0;
}
