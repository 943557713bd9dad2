import { Batcher, type Failpoint, type NodeId, type SpoolId } from "../kernel/index.ts";
import { MESSAGE_CLASSES } from "../mail/index.ts";
import type { Database, Lane } from "../store/index.ts";
import { ACCEPT, acceptValues } from "./accept-rows.ts";
import { INTEND, type Intent, intentValues } from "./intent-rows.ts";
import { type KeyAnswer, type KeyClaim, claimKey } from "./keys.ts";
import { type LeasedRow, leaseDue, leaseHeldDue, loadBody, loadLeased } from "./lease.ts";
import type { LeasedMessage, NewMessage } from "./rows.ts";
import type { SealedBody } from "./seal.ts";
import { RESOLVE, SETTLE, type TenantSettlement, settleValues } from "./settle-rows.ts";
import { int2Array, textArray, uuidArray } from "../store/index.ts";

/** Groups: large enough that one fsync serves many, small enough that one takes a few milliseconds (docs/decisions/0003). */
const GROUP = { maxItems: 128, maxBytes: 16 * 1024 * 1024, maxGroups: 1 } as const;

/** The durable queue: everything it says it did is on disk. */
export class Spool {
  readonly #node: NodeId;
  readonly #database: Database;
  readonly #failpoint: Failpoint;
  readonly #accepts: Batcher<NewMessage, undefined>;
  readonly #settles: Batcher<TenantSettlement, boolean>;
  readonly #intents: Batcher<Intent, boolean>;
  readonly #leaseLane: Lane;

  constructor({ node, database, failpoint }: { node: NodeId; database: Database; failpoint: Failpoint }) {
    this.#node = node;
    this.#database = database;
    this.#failpoint = failpoint;
    this.#leaseLane = database.openLane("lease");
    const acceptLane = database.openLane("accept");
    const settleLane = database.openLane("settle");
    const intentLane = database.openLane("intent");
    this.#accepts = new Batcher(
      async (messages) => {
        failpoint("accept.before-commit");
        await acceptLane.execute(ACCEPT, acceptValues(node, messages));
        failpoint("accept.after-commit");
        return messages.map(() => undefined);
      },
      { ...GROUP, sizeOf: (message) => message.sizeBytes },
    );
    this.#settles = new Batcher(async (steps) => {
      failpoint("settle.before-commit");
      const live = new Set((await settleLane.execute(SETTLE, settleValues(node, steps))).map((row) => row[0]));
      failpoint("settle.after-commit");
      const resolutions = steps.flatMap((s) => (s.resolution ? [{ ...s.resolution, spoolId: s.lease.spoolId }] : []));
      if (resolutions.length > 0) {
        await settleLane.execute(RESOLVE, [
          uuidArray(resolutions.map((r) => r.spoolId)),
          int2Array(resolutions.map((r) => r.n)),
          textArray(resolutions.map((r) => r.resolved)),
        ]);
      }
      return steps.map((step) => live.has(step.lease.spoolId));
    }, GROUP);
    this.#intents = new Batcher(async (intents) => {
      const live = new Set((await intentLane.execute(INTEND, intentValues(node, intents))).map((row) => row[0]));
      return intents.map((intent) => live.has(intent.lease.spoolId));
    }, GROUP);
  }

  /** Resolves after the commit. */
  accept(message: NewMessage): Promise<undefined> {
    return this.#accepts.add(message);
  }

  /** The same under an Idempotency-Key: stored only where the key is new. */
  async acceptOnce(message: NewMessage, claim: KeyClaim): Promise<KeyAnswer> {
    const answer = await this.#database.transaction(async (tx) => {
      const claimed = await claimKey(tx, claim);
      if (claimed.kind === "new") await tx.query(ACCEPT.text, acceptValues(this.#node, [message]));
      this.#failpoint("accept.before-commit");
      return claimed;
    });
    this.#failpoint("accept.after-commit");
    return answer;
  }

  /** False where the lease was lost: the attempt was not written and must not be made. */
  intend(intent: Intent): Promise<boolean> {
    return this.#intents.add(intent);
  }

  /** False where the lease was lost: someone else decides about the message now. */
  settle(step: TenantSettlement): Promise<boolean> {
    return this.#settles.add(step);
  }

  /** Due messages, most important class first, up to `limit`; `classes` leaves out those that must wait. */
  async lease(now: number, limit: number): Promise<LeasedMessage[]> {
    const rows: LeasedRow[] = [];
    for (let n = 0; n < MESSAGE_CLASSES.length && rows.length < limit; n += 1) {
      rows.push(...(await leaseDue(this.#leaseLane, this.#node, n, now, limit - rows.length)));
    }
    return loadLeased(this.#leaseLane, rows);
  }

  /** Held messages whose time is over. */
  async leaseHeld(now: number, limit: number): Promise<LeasedMessage[]> {
    return loadLeased(this.#leaseLane, await leaseHeldDue(this.#leaseLane, this.#node, now, limit));
  }

  body(spoolId: SpoolId): Promise<SealedBody | null> {
    return loadBody(this.#database, spoolId);
  }
}
