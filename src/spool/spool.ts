import { Batcher, type Failpoint, type NodeId, type SpoolId } from "../kernel/index.ts";
import { MESSAGE_CLASSES } from "../mail/index.ts";
import type { Database, Lane } from "../store/index.ts";
import { ACCEPT, type SuppressedRow, acceptValues } from "./accept-rows.ts";
import { INTEND, type Intent, intentValues } from "./intent-rows.ts";
import { type KeyAnswer, type KeyClaim, claimKeys } from "./keys.ts";
import { type LeasedRow, giveBack, leaseDue, leaseHeldDue, leasesOf, loadBodies, loadLeased } from "./lease.ts";
import type { LeasedMessage, NewEvent, NewMessage } from "./rows.ts";
import type { SealedBody } from "./seal.ts";
import { type SupersedeAnswer, type Superseding, supersede } from "./redrive-supersede.ts";
import { RESOLVE, SETTLE, type TenantSettlement, settleValues } from "./settle-rows.ts";
import { int2Array, isRefused, textArray, uuidArray } from "../store/index.ts";

/** Groups: large enough that one fsync serves many, small enough that one takes a few milliseconds (docs/decisions/0003). */
const GROUP = { maxItems: 128, maxBytes: 16 * 1024 * 1024, maxGroups: 1, mayBeOneItem: isRefused } as const;

/** Of the greatest size this is 320 MiB on its way from the database; of the usual 5 KB, 160 KB. */
const BODIES_AT_ONCE = 32;

type SpoolParts = {
  node: NodeId;
  database: Database;
  failpoint: Failpoint;
  /** Events that somebody wants to hear of may have been committed; called once for a group. */
  onEvents?: () => void;
};

/** The durable queue: everything it says it did is on disk. */
export class Spool {
  readonly #node: NodeId;
  readonly #database: Database;
  readonly #accepts: Batcher<NewMessage, number[]>;
  readonly #keyedAccepts: Batcher<{ message: NewMessage; claim: KeyClaim }, { key: KeyAnswer; suppressed: number[] }>;
  readonly #settles: Batcher<TenantSettlement, boolean>;
  readonly #intents: Batcher<Intent, boolean>;
  readonly #bodies: Batcher<SpoolId, SealedBody | null>;
  readonly #leaseLane: Lane;
  readonly #onEvents: () => void;

  constructor({ node, database, failpoint, onEvents = () => {} }: SpoolParts) {
    const tell = (written: readonly { events: readonly NewEvent[] }[]): void => {
      if (written.some(({ events }) => events.some((event) => event.notify))) onEvents();
    };
    this.#onEvents = onEvents;
    this.#node = node;
    this.#database = database;
    this.#leaseLane = database.openLane("lease");
    const acceptLane = database.openLane("accept");
    const settleLane = database.openLane("settle");
    const intentLane = database.openLane("intent");
    const bodyLane = database.openLane("body");
    this.#accepts = new Batcher(
      async (messages) => {
        failpoint("accept.before-commit");
        const suppressed = (await acceptLane.execute(ACCEPT, acceptValues(node, messages))) as SuppressedRow[];
        failpoint("accept.after-commit");
        tell(messages);
        return suppressedOf(messages, suppressed);
      },
      { ...GROUP, sizeOf: (message) => message.sizeBytes },
    );
    const keyedLane = database.openLane("accept-once");
    this.#keyedAccepts = new Batcher(
      async (group) => {
        const answers = await keyedLane.transaction(async (execute) => {
          const keys = await claimKeys(
            execute,
            group.map((one) => one.claim),
          );
          const fresh = group.flatMap((one, index) => (keys[index]!.kind === "new" ? [one.message] : []));
          const rows =
            fresh.length === 0 ? [] : ((await execute(ACCEPT, acceptValues(node, fresh))) as SuppressedRow[]);
          const suppressed = suppressedOf(
            group.map((one) => one.message),
            rows,
          );
          failpoint("accept.before-commit");
          return keys.map((key, index) => ({ key, suppressed: suppressed[index]! }));
        });
        failpoint("accept.after-commit");
        tell(group.map((one) => one.message));
        return answers;
      },
      { ...GROUP, sizeOf: (one) => one.message.sizeBytes },
    );
    this.#settles = new Batcher(async (steps) => {
      failpoint("settle.before-commit");
      const settled = async (execute: Lane["execute"]) => {
        const live = new Set((await execute(SETTLE, settleValues(node, steps))).map((row) => row[0]));
        const resolutions = steps.flatMap(({ resolution, lease: { spoolId } }) =>
          resolution && live.has(spoolId) ? [{ ...resolution, spoolId }] : [],
        );
        if (resolutions.length > 0) {
          await execute(RESOLVE, [
            uuidArray(resolutions.map((r) => r.spoolId)),
            int2Array(resolutions.map((r) => r.n)),
            textArray(resolutions.map((r) => r.resolved)),
          ]);
        }
        return live;
      };
      const isPlain = steps.every((step) => step.resolution === null);
      const live = await (isPlain ? settled(settleLane.execute) : settleLane.transaction(settled));
      failpoint("settle.after-commit");
      tell(steps);
      return steps.map((step) => live.has(step.lease.spoolId));
    }, GROUP);
    this.#intents = new Batcher(async (intents) => {
      const live = new Set((await intentLane.execute(INTEND, intentValues(node, intents))).map((row) => row[0]));
      return intents.map((intent) => live.has(intent.lease.spoolId));
    }, GROUP);
    this.#bodies = new Batcher((ids) => loadBodies(bodyLane, ids), { maxItems: BODIES_AT_ONCE });
  }

  /** Resolves after the commit, with the numbers of the recipients that were found suppressed. */
  accept(message: NewMessage): Promise<number[]> {
    return this.#accepts.add(message);
  }

  /** The same under an Idempotency-Key: stored only where the key is new. */
  acceptOnce(message: NewMessage, claim: KeyClaim): Promise<{ key: KeyAnswer; suppressed: number[] }> {
    return this.#keyedAccepts.add({ message, claim });
  }

  /** False where the lease was lost: the attempt was not written and must not be made. */
  intend(intent: Intent): Promise<boolean> {
    return this.#intents.add(intent);
  }

  /** False where the lease was lost: someone else decides about the message now. */
  settle(step: TenantSettlement): Promise<boolean> {
    return this.#settles.add(step);
  }

  /** Due messages, most important class first, up to `limit`. */
  async lease(now: number, limit: number): Promise<LeasedMessage[]> {
    const rows: Awaited<ReturnType<typeof leaseDue>> = [];
    for (let n = 0; n < MESSAGE_CLASSES.length && rows.length < limit; n += 1) {
      rows.push(...(await leaseDue(this.#leaseLane, this.#node, n, now, limit - rows.length)));
    }
    return loadLeased(this.#leaseLane, rows);
  }

  /** Held messages whose time is over. */
  async leaseHeld(now: number, limit: number): Promise<LeasedMessage[]> {
    return loadLeased(this.#leaseLane, await leaseHeldDue(this.#leaseLane, this.#node, now, limit));
  }

  /** Null when it was purged. */
  body(spoolId: SpoolId): Promise<SealedBody | null> {
    return this.#bodies.add(spoolId);
  }

  /** News of a message outside of a step. */
  async note(message: { spoolId: SpoolId; tenant: string }, event: NewEvent): Promise<void> {
    await this.#database.query(
      "INSERT INTO message_events (spool_id, tenant, kind, at, detail, notify) VALUES ($1, $2, $3, $4, $5, $6)",
      [message.spoolId, message.tenant, event.kind, new Date(event.at), event.detail, event.notify],
    );
    if (event.notify) this.#onEvents();
  }

  /** Another message takes its place: it is not sent, or not sent again. Resolves after the commit. */
  async supersede(one: Superseding, now: number): Promise<SupersedeAnswer> {
    const answer = await supersede(this.#database, one, now);
    if (answer === "done" && one.notify) this.#onEvents();
    return answer;
  }

  /** Everything that is leased to this node, known to it or not. */
  leases(): Promise<LeasedRow[]> {
    return leasesOf(this.#database, this.#node);
  }

  /** Back to the queue, due at once. @returns how many were still leased so. */
  giveBack(rows: readonly LeasedRow[]): Promise<number> {
    return giveBack(this.#database, this.#node, rows);
  }
}

function suppressedOf(messages: readonly NewMessage[], rows: readonly SuppressedRow[]): number[][] {
  if (rows.length === 0) return messages.map(() => []);
  const byMessage = Map.groupBy(rows, ([spoolId]) => spoolId);
  return messages.map((message) => (byMessage.get(message.spoolId) ?? []).map(([, n]) => n));
}
