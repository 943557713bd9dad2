import { HOUR_MS } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";
import { type CountRow, add } from "./counts.ts";

/** Any fixed number: an old leader that wakes up must not write between the lines of the new one. */
const LOCK = 26_112_022;

const COLUMNS = `tenant, stream, class, provider, measure, accepted, handed_off, confirmed, failed, expired, handed_off_within, confirmed_within, leg_within`;
export const COUNT_COLUMNS = `tenant, stream, class, provider, measure, accepted, handed_off AS "handedOff", confirmed, failed, expired,
  handed_off_within AS "handedOffWithin", confirmed_within AS "confirmedWithin", leg_within AS "legWithin"`;

/** Arrays of arrays are of one length each in PostgreSQL, so they come as texts and are read row by row. */
const insertInto = (table: "slo_minutes" | "slo_hours", time: "minute" | "hour"): string => `
  INSERT INTO ${table} (${time}, ${COLUMNS})
  SELECT $1::timestamptz, tenant, stream, class, provider, measure, accepted, handed_off, confirmed, failed, expired,
    handed_off_within::int[], confirmed_within::int[], leg_within::int[]
  FROM unnest($2::text[], $3::text[], $4::int2[], $5::text[], $6::text[], $7::int[], $8::int[], $9::int[], $10::int[],
    $11::int[], $12::text[], $13::text[], $14::text[])
    AS g(tenant, stream, class, provider, measure, accepted, handed_off, confirmed, failed, expired, handed_off_within, confirmed_within, leg_within)`;

const values = (at: number, rows: readonly CountRow[]): unknown[] => {
  const array = (counts: readonly number[]): string => `{${counts.join(",")}}`;
  return [
    new Date(at),
    rows.map((row) => row.tenant),
    rows.map((row) => row.stream),
    rows.map((row) => row.class),
    rows.map((row) => row.provider),
    rows.map((row) => row.measure),
    rows.map((row) => row.accepted),
    rows.map((row) => row.handedOff),
    rows.map((row) => row.confirmed),
    rows.map((row) => row.failed),
    rows.map((row) => row.expired),
    rows.map((row) => array(row.handedOffWithin)),
    rows.map((row) => array(row.confirmedWithin)),
    rows.map((row) => array(row.legWithin)),
  ];
};

/**
 * Puts what was counted of a minute in place of what was known of it, and adds up its hour anew: done twice, or by two nodes,
 * it is the same.
 */
export async function writeMinute(
  tx: Queryable,
  minute: number,
  counted: readonly CountRow[],
  now: number,
): Promise<void> {
  const at = new Date(minute);
  await tx.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
  await tx.query("DELETE FROM slo_minutes WHERE minute = $1", [at]);
  if (counted.length > 0) await tx.query(insertInto("slo_minutes", "minute"), values(minute, counted));
  await tx.query(
    "INSERT INTO slo_counted (minute, at) VALUES ($1, $2) ON CONFLICT (minute) DO UPDATE SET at = excluded.at",
    [at, new Date(now)],
  );
  const hour = Math.floor(minute / HOUR_MS) * HOUR_MS;
  const sums = new Map<string, CountRow>();
  for (const row of await tx.query<CountRow>(
    `SELECT ${COUNT_COLUMNS} FROM slo_minutes WHERE minute >= $1 AND minute < $2`,
    [new Date(hour), new Date(hour + HOUR_MS)],
  )) {
    const key = JSON.stringify([row.tenant, row.stream, row.class, row.provider, row.measure]);
    const before = sums.get(key);
    sums.set(key, before ? { ...before, ...add(before, row) } : row);
  }
  await tx.query("DELETE FROM slo_hours WHERE hour = $1", [new Date(hour)]);
  if (sums.size > 0) await tx.query(insertInto("slo_hours", "hour"), values(hour, [...sums.values()]));
}

/** When minutes were last counted. */
export async function countedSince(database: Queryable, since: number): Promise<Map<number, number>> {
  const rows = await database.query<{ minute: number; at: number }>(
    "SELECT minute, at FROM slo_counted WHERE minute >= $1",
    [new Date(since)],
  );
  return new Map(rows.map(({ minute, at }) => [minute, at]));
}

/** When the oldest message there is was accepted. Index: the primary key. */
export async function firstAcceptedAt(database: Queryable): Promise<number | null> {
  const [row] = await database.query<{ at: number }>(
    "SELECT accepted_at AS at FROM messages ORDER BY spool_id LIMIT 1",
  );
  return row?.at ?? null;
}
