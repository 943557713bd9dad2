import { HOUR_MS } from "../kernel/index.ts";
import type { Queryable } from "../store/index.ts";
import { type CountRow, type Counts, add } from "./counts.ts";

/** Any fixed number: an old leader that wakes up must not write between the lines of the new one. */
const LOCK = 26_112_022;

const COLUMNS = `tenant, stream, class, provider, measure, accepted, handed_off, confirmed, failed, expired, handed_off_within, confirmed_within, leg_within`;
export const COUNT_COLUMNS = `tenant, stream, class, provider, measure, accepted, handed_off AS "handedOff", confirmed, failed, expired,
  handed_off_within AS "handedOffWithin", confirmed_within AS "confirmedWithin", leg_within AS "legWithin"`;

/** Arrays of arrays are of one length each in PostgreSQL, so they come as texts and are read row by row. */
const insertInto = (table: "slo_minutes" | "slo_hours", time: "minute" | "hour"): string => `
  INSERT INTO ${table} (${time}, ${COLUMNS})
  SELECT at, tenant, stream, class, provider, measure, accepted, handed_off, confirmed, failed, expired,
    handed_off_within::int[], confirmed_within::int[], leg_within::int[]
  FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::int2[], $5::text[], $6::text[], $7::int[], $8::int[], $9::int[], $10::int[],
    $11::int[], $12::text[], $13::text[], $14::text[])
    AS g(at, tenant, stream, class, provider, measure, accepted, handed_off, confirmed, failed, expired, handed_off_within, confirmed_within, leg_within)`;

type Timed = { at: number; row: CountRow };
const values = (rows: readonly Timed[]): unknown[] => {
  const array = (counts: readonly number[]): string => `{${counts.join(",")}}`;
  return [
    rows.map(({ at }) => new Date(at)),
    rows.map(({ row }) => row.tenant),
    rows.map(({ row }) => row.stream),
    rows.map(({ row }) => row.class),
    rows.map(({ row }) => row.provider),
    rows.map(({ row }) => row.measure),
    rows.map(({ row }) => row.accepted),
    rows.map(({ row }) => row.handedOff),
    rows.map(({ row }) => row.confirmed),
    rows.map(({ row }) => row.failed),
    rows.map(({ row }) => row.expired),
    rows.map(({ row }) => array(row.handedOffWithin)),
    rows.map(({ row }) => array(row.confirmedWithin)),
    rows.map(({ row }) => array(row.legWithin)),
  ];
};

const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

/**
 * Puts what was counted of these minutes in place of what was known of them, and adds up their hours anew: done twice, or by two
 * nodes, it is the same. @param minutes also those in which there was no mail
 */
export async function writeMinutes(
  tx: Queryable,
  minutes: readonly number[],
  counted: readonly { minute: number; row: CountRow }[],
  now: number,
): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
  const instants = minutes.map((minute) => new Date(minute));
  await tx.query("DELETE FROM slo_minutes WHERE minute = ANY($1)", [instants]);
  if (counted.length > 0)
    await tx.query(
      insertInto("slo_minutes", "minute"),
      values(counted.map(({ minute, row }) => ({ at: minute, row }))),
    );
  await tx.query(
    "INSERT INTO slo_counted (minute, at) SELECT minute, $2 FROM unnest($1::timestamptz[]) AS g(minute) ON CONFLICT (minute) DO UPDATE SET at = excluded.at",
    [instants, new Date(now)],
  );
  const hours = [...new Set(minutes.map(hourOf))];
  const sums = new Map<string, Timed>();
  for (const hour of hours)
    for (const row of await tx.query<CountRow>(
      `SELECT ${COUNT_COLUMNS} FROM slo_minutes WHERE minute >= $1 AND minute < $2`,
      [new Date(hour), new Date(hour + HOUR_MS)],
    )) {
      const key = JSON.stringify([hour, row.tenant, row.stream, row.class, row.provider, row.measure]);
      const { tenant, stream, class: messageClass, provider, measure } = row;
      const before: Counts | undefined = sums.get(key)?.row;
      const whole = before ? add(before, row) : row;
      sums.set(key, { at: hour, row: { ...whole, tenant, stream, class: messageClass, provider, measure } });
    }
  await tx.query("DELETE FROM slo_hours WHERE hour = ANY($1)", [hours.map((hour) => new Date(hour))]);
  if (sums.size > 0) await tx.query(insertInto("slo_hours", "hour"), values([...sums.values()]));
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
