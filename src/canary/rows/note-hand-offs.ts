import type { Queryable } from "../../store/index.ts";
import { NEXT_CHANGE, TURN } from "./row.ts";

/** How long after its sending a hand-off is still looked for: longer than a canary lives in the queue. */
const LOOKED_FOR_MS = 120_000;

/** When each canary's provider had answered that it took it, from its attempts. Touches the canaries of two minutes. */
export async function noteHandOffs(database: Queryable, now: number): Promise<void> {
  await database.query(
    `WITH ${TURN}, known AS (
       SELECT c.canary_id, min(a.settled_at) AS at FROM canaries c JOIN attempts a ON a.spool_id = c.canary_id
       WHERE c.sent_at > $1 AND c.handed_off_at IS NULL AND c.kind = 'mail' AND a.outcome = 'accepted'
       GROUP BY c.canary_id)
     UPDATE canaries c SET handed_off_at = known.at, change_id = ${NEXT_CHANGE},
       legs = c.legs || jsonb_build_object('handOff', round(extract(epoch FROM known.at - c.sent_at) * 1000))
     FROM known, turn WHERE c.canary_id = known.canary_id AND c.handed_off_at IS NULL`,
    [new Date(now - LOOKED_FOR_MS)],
  );
}
