import type { Queryable } from "../store/index.ts";

/** Where the canaries of one provider to one receiver went. */
export type Placement = {
  provider: string;
  receiver: string;
  /** A server of ours; else a mailbox at somebody else's. */
  own: boolean;
  sent: number;
  /** In the inbox (at a server of ours: at all), as it was sent. */
  arrived: number;
  /** In the folder for spam. */
  spam: number;
  late: number;
  altered: number;
  missed: number;
  /** Never on its way. */
  refused: number;
  /** Accept to arrival, ms. */
  p50: number | null;
  p95: number | null;
};

/** Index: canaries_by_time. A day of eight providers is some ten thousand rows. */
const PLACEMENTS = `
  SELECT provider, receiver, own, count(*)::int AS sent,
    (count(*) FILTER (WHERE result = 'arrived' AND NOT in_spam))::int AS arrived,
    (count(*) FILTER (WHERE in_spam))::int AS spam,
    (count(*) FILTER (WHERE result = 'late' AND NOT in_spam))::int AS late,
    (count(*) FILTER (WHERE result = 'altered' AND NOT in_spam))::int AS altered,
    (count(*) FILTER (WHERE result = 'missed'))::int AS missed,
    (count(*) FILTER (WHERE result = 'refused'))::int AS refused,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM arrived_at - sent_at) * 1000)::float8 AS p50,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM arrived_at - sent_at) * 1000)::float8 AS p95
  FROM canaries WHERE sent_at >= $1 AND kind = 'mail' AND provider IS NOT NULL AND result IS NOT NULL AND ($2::text IS NULL OR tenant = $2)
  GROUP BY provider, receiver, own ORDER BY provider, own DESC, receiver`;

/** @param tenant those that stand for its mail; null: all */
export const placementsOf = (database: Queryable, since: number, tenant: string | null): Promise<Placement[]> =>
  database.query<Placement>(PLACEMENTS, [new Date(since), tenant]);
