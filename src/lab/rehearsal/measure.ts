import type { Submitted } from "./application.ts";
import type { World } from "./world.ts";

/** Measurements that several scenarios take. */

/** Messages the application was not answered 202 for. */
export const refusedByDoor = ({ application }: World): number =>
  application.sent.filter(({ status }) => status !== 202).length;

/** Messages that arrived more than `most` times. */
export const copiesOver = ({ application, receivers }: World, most: number): number =>
  application.sent.filter(({ recipient }) => receivers.copiesOf(recipient).length > most).length;

/** Customers' mail that was handed to a provider after an instant, one row for each try. `class`: 0 to 4. */
export const handedTo = (
  { database }: World,
  provider: string,
  afterAt: number,
): Promise<{ stream: string; class: number }[]> =>
  database.query(
    `SELECT m.stream, m.class FROM attempts a JOIN messages m USING (spool_id)
     WHERE a.provider = $1 AND a.intent_at > $2 AND m.tenant <> '~canary'`,
    [provider, new Date(afterAt)],
  );

/** Secrets of customers that were handed to a provider after an instant. */
export const secretsAt = async (world: World, provider: string, afterAt: number): Promise<number> =>
  (await handedTo(world, provider, afterAt)).filter((one) => one.class === 0).length;

/** Messages that the provider which carries the mail was given from an instant on; `at`: when a copy arrived all the same. */
export async function givenSince(
  { application, database, receivers, primary }: World,
  sinceAt: number,
  isOf: (message: Submitted) => boolean,
): Promise<{ id: string; at: number | null }[]> {
  const rows = await database.query<{ id: string }>(
    "SELECT DISTINCT spool_id AS id FROM attempts WHERE provider = $1 AND intent_at >= $2",
    [primary, new Date(sinceAt)],
  );
  const ids = new Set(rows.map(({ id }) => id));
  return application.sent.flatMap((message) => {
    const { id, recipient } = message;
    if (id === null || !ids.has(id) || !isOf(message)) return [];
    return [{ id, at: receivers.copiesOf(recipient)[0]?.at ?? null }];
  });
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
