import type { Limits } from "../../config/index.ts";
import type { Queryable } from "../../store/index.ts";
import { plural, span } from "../when.ts";
import { type Check, notChecked, ok, warning, wrong } from "./check.ts";

export type QueueFacts = { state: string; count: number; earliestDueAt: number };

/** Due for longer than this means that nobody, or too little, works on the queue. */
const LATE_MS = 5 * 60_000;
const NEARLY_FULL = 0.8;

export async function checkQueue(database: Queryable, limits: Limits, now: number): Promise<Check[]> {
  const [there] = await database.query<{ there: boolean }>("SELECT to_regclass('queue') IS NOT NULL AS there");
  if (!there?.there) return [notChecked("queue", "The database has no tables yet.")];
  const rows = await database.query<QueueFacts>(
    'SELECT state, count(*) AS count, min(due_at) AS "earliestDueAt" FROM queue GROUP BY state',
  );
  const [nodes] = await database.query<{ n: number }>(
    "SELECT count(*) AS n FROM nodes WHERE seen_at > clock_timestamp() - interval '6 seconds'",
  );
  return queueChecks(rows, nodes?.n ?? 0, limits, now);
}

export function queueChecks(rows: readonly QueueFacts[], nodes: number, limits: Limits, now: number): Check[] {
  const of = (state: string): QueueFacts | undefined => rows.find((row) => row.state === state);
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  const held = of("held")?.count ?? 0;
  const queued = of("queued");
  const lateMs = queued ? now - queued.earliestDueAt : 0;
  const waiting = `${plural(total, "message")} ${total === 1 ? "waits" : "wait"}`;
  const checks: Check[] = [];
  if (total >= limits.queueRows)
    checks.push(
      wrong(
        "queue",
        `${waiting}, which is the bound (limits.queueRows): intake refuses mail.`,
        "See postern queue stats, and whether the providers take mail.",
      ),
    );
  else if (total >= limits.queueRows * NEARLY_FULL)
    checks.push(
      warning(
        "queue",
        `${waiting}; intake refuses mail at ${limits.queueRows.toLocaleString("en")}.`,
        "See postern queue stats, and whether the providers take mail.",
      ),
    );
  else if (queued && lateMs > LATE_MS)
    checks.push(
      warning(
        "queue",
        `${waiting}; the oldest has been due for ${span(lateMs)}.`,
        nodes === 0
          ? "No Postern runs on this database: start it (npm start, postern serve)."
          : "See postern queue list: its attempts say what the providers answer.",
      ),
    );
  else checks.push(ok("queue", total === 0 ? "Nothing waits." : `${waiting}, none late.`));
  if (held > 0)
    checks.push(
      warning(
        "held",
        `${plural(held, "message")} held, waiting for a decision.`,
        "See postern queue list --state held; then release, expire or cancel.",
      ),
    );
  return checks;
}
