import type { World } from "./world.ts";

/** Measurements that several scenarios take. */

/** Messages the application was not answered 202 for. */
export const refusedByDoor = ({ application }: World): number =>
  application.sent.filter(({ status }) => status !== 202).length;

/** Messages that arrived more than `most` times. */
export const copiesOver = ({ application, receivers }: World, most: number): number =>
  application.sent.filter(({ recipient }) => receivers.copiesOf(recipient).length > most).length;

/** Secrets of customers that were handed to a provider after an instant. */
export async function secretsAt({ database }: World, provider: string, afterAt: number): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM attempts a JOIN messages m USING (spool_id)
     WHERE a.provider = $1 AND a.intent_at > $2 AND m.class = 0 AND m.tenant <> '~canary'`,
    [provider, new Date(afterAt)],
  );
  return row?.n ?? 0;
}

/** Customers' messages that have not been handed off. */
export async function waiting({ database }: World): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM queue JOIN messages USING (spool_id) WHERE tenant <> '~canary'",
  );
  return row!.n;
}

/** Messages whose application was asked for a new secret. */
export async function reissuesWanted({ database }: World, sinceAt: number): Promise<Set<string>> {
  const rows = await database.query<{ id: string }>(
    "SELECT DISTINCT spool_id AS id FROM message_events WHERE kind = 'message.reissue-wanted' AND at >= $1",
    [new Date(sinceAt)],
  );
  return new Set(rows.map(({ id }) => id));
}
