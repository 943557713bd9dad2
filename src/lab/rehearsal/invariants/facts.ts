import type { State } from "../../../judge/index.ts";
import type { Checkpoint } from "../ledger.ts";
import { tablesOf } from "../place.ts";
import { SECRET_MARK } from "../receivers.ts";
import { livingSecrets } from "../living-secrets.ts";
import type { World } from "../world.ts";

/** All that the invariants look at, gathered once when a rehearsal has ended. */
export type Facts = {
  /** `livingSecrets`: copies that were worth something when they arrived; 0 where it is no secret. */
  accepted: readonly { id: string; stream: string; copies: number; livingSecrets: number }[];
  rows: ReadonlyMap<string, { ended: boolean; recipientsLeft: number; inQueue: boolean }>;
  /** Places with a planted secret in them: tables, or the log. */
  leaks: readonly string[];
  attempts: readonly {
    tenant: string;
    stream: string;
    provider: string;
    at: number;
    settled: boolean;
    id: string;
    n: number;
  }[];
  groupOf: ReadonlyMap<string, string>;
  avoidedBy: ReadonlyMap<string, readonly string[]>;
  changes: readonly { provider: string; scope: string; to: State; at: number }[];
  checkpoints: readonly Checkpoint[];
  /** The ledger's beginning now, up to each of those. */
  beginnings: readonly Checkpoint[];
  leaves: { accepted: ReadonlySet<string>; intents: ReadonlySet<string>; outcomes: ReadonlySet<string> };
};

export const tryKey = (id: string, n: number): string => `${id} ${n}`;

export async function gatherFacts(world: World): Promise<Facts> {
  const { database, application, receivers, settings, log, ledger, standings } = world;
  const rows = await database.query<{ id: string; ended: boolean; left: number; queued: boolean }>(
    `SELECT m.spool_id AS id, m.ended_at IS NOT NULL AS ended, q.spool_id IS NOT NULL AS queued,
       (SELECT count(*)::int FROM recipients r WHERE r.spool_id = m.spool_id AND r.state = 'pending') AS left
     FROM messages m LEFT JOIN queue q USING (spool_id)`,
  );
  const attempts = await database.query<Facts["attempts"][number]>(
    `SELECT m.tenant, m.stream, a.provider, a.intent_at AS at, a.settled_at IS NOT NULL AS settled, a.spool_id AS id, a.n
     FROM attempts a JOIN messages m USING (spool_id)`,
  );
  const leaks: string[] = [];
  for (const table of await tablesOf(database)) {
    // In clear, or as the hexadecimal that a bytea column's text is.
    const [found] = await database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${table} t WHERE t::text LIKE $1 OR t::text LIKE $2`,
      [`%${SECRET_MARK}%`, `%${Buffer.from(SECRET_MARK).toString("hex")}%`],
    );
    if (found && found.n > 0) leaks.push(`${found.n} rows of ${table}`);
  }
  if (log.leaks > 0) leaks.push(`${log.leaks} lines of the log`);
  const isLiving = livingSecrets(world);
  const beginnings: Checkpoint[] = [];
  for (const { lastId } of ledger.checkpoints) beginnings.push(await ledger.upTo(lastId));
  return {
    accepted: application.sent.flatMap((message) => {
      const { id, stream, recipient } = message;
      if (id === null) return [];
      const copies = receivers.copiesOf(recipient);
      const living = copies.filter(({ at }) => isLiving(message, at));
      return [{ id, stream, copies: copies.length, livingSecrets: living.length }];
    }),
    rows: new Map(
      rows.map(({ id, ended, left, queued }) => [id, { ended, recipientsLeft: left, inQueue: queued }] as const),
    ),
    leaks,
    attempts,
    groupOf: new Map(settings.providers.map(({ name, ownerGroup }) => [name, ownerGroup])),
    avoidedBy: new Map(
      settings.tenants.flatMap(({ name, streams, routes }) =>
        streams.map(
          ({ name: stream }) =>
            [`${name}/${stream}`, (routes[stream] ?? routes["default"])?.avoidOwnerGroups ?? []] as const,
        ),
      ),
    ),
    changes: await standings.changes(),
    checkpoints: ledger.checkpoints,
    beginnings,
    leaves: await leavesOf(world),
  };
}

async function leavesOf({ database }: World): Promise<Facts["leaves"]> {
  const rows = await database.query<{ leaf: Buffer }>("SELECT leaf FROM ledger_leaves");
  const accepted = new Set<string>();
  const intents = new Set<string>();
  const outcomes = new Set<string>();
  for (const row of rows) {
    const { kind, id, n } = JSON.parse(row.leaf.toString("utf8")) as { kind: string; id: string; n: number | null };
    if (kind === "accepted") accepted.add(id);
    else if (kind === "intent") intents.add(tryKey(id, n!));
    else if (kind === "outcome" && n !== null) outcomes.add(tryKey(id, n));
  }
  return { accepted, intents, outcomes };
}
