import { type Clock, type Log } from "../../kernel/index.ts";
import { classFromNumber } from "../../mail/index.ts";
import type { Metrics } from "../../metrics/index.ts";
import type { Provider } from "../../providers/index.ts";
import {
  REDRIVE_FOUND_AT_ONCE,
  REDRIVE_PART_LOST,
  REDRIVE_STRAGGLERS_MS,
  type NewRedriveOrder,
  type RedriveItem,
  type RedriveOrder,
  claimRedrive,
  dueRedrive,
  endRedriveOrder,
  findRedrive,
  insertRedriveOrder,
  loadDoubted,
  openRedriveOrders,
  redriveCounts,
  writeRedrive,
} from "../../spool/index.ts";
import { type Database, type Lane, tellFailure } from "../../store/index.ts";
import type { AlertsPort } from "../ports.ts";
import { AskLog } from "./ask-log.ts";
import { REDRIVE_BOUNDS } from "./bounds.ts";
import { bodyGoneAlert, bodyGoneKey } from "./body-gone.ts";
import { type ChangeParts, changesOf } from "./changes.ts";
import type { LogAnswer } from "./decide.ts";
import { Pacing } from "./pacing.ts";
import type { StreamRoute } from "./stand-ins.ts";

export type RedriveParts = Omit<ChangeParts, "ownerGroupOf"> & {
  database: Database;
  /** Of every stream of every tenant. */
  routes: readonly StreamRoute[];
  providers: ReadonlyMap<string, Provider>;
  attemptIdOf: (spoolId: string, provider: string, n: number) => string;
  /** Somebody who hears of mail that is lost for good. */
  alerts?: AlertsPort;
  /** Events were written that webhooks want. */
  onEvents(): void;
  clock: Clock;
  log: Log;
  metrics: Metrics;
};

/** What the judge knows of a verdict. */
export type RedriveWish = {
  provider: string;
  scope: string;
  /** When the first message that is missing was handed off; of a liar, the last canary that arrived. */
  sinceAt: number;
  verdictAt: number;
  reason: string;
  lying?: boolean;
};

type Doubt = { item: RedriveItem; log: LogAnswer; asked: boolean };

/**
 * Sends mail another way that a provider took and probably lost; on the node that leads.
 * 1. An order is a row; what it is about is noted as rows too, critical mail first, until the last hand-off that was on its
 * way when the verdict fell has ended.  2. The provider's log is asked, where it answers in time.
 * 3. Each message gets its end by its class (decide.ts), in one transaction with its events and leaves.
 * A leader that is gone leaves rows; the next one goes on with what has no result. Nothing is sent by this room: messages go
 * back into the queue.
 * Operator sees: "redrive.ordered", "redrive.done", postern redrive list.
 */
export class Redrive {
  readonly #parts: RedriveParts;
  readonly #changeParts: ChangeParts;
  readonly #lane: Lane;
  readonly #asks: AskLog;
  readonly #pacing: Pacing;
  /** Orders whose set is complete, as far as this process knows. */
  readonly #found = new Set<number>();
  readonly #begun = new Set<number>();
  #looking: Promise<void> | null = null;

  constructor(parts: RedriveParts) {
    this.#parts = parts;
    this.#changeParts = { ...parts, ownerGroupOf: (name) => parts.providers.get(name)?.ownerGroup };
    this.#lane = parts.database.openLane("redrive");
    this.#asks = new AskLog(parts.clock);
    this.#pacing = new Pacing({ ...parts, ownerGroupOf: this.#changeParts.ownerGroupOf });
  }

  /** Ordered again with the same verdict it is the same order. */
  async order({ sinceAt, lying = false, ...wish }: RedriveWish): Promise<void> {
    // Of a liar it is the last canary that arrived: whatever is older was vouched for, and a margin would be second copies.
    const marginMs = lying || wish.reason === REDRIVE_PART_LOST ? 0 : REDRIVE_BOUNDS.marginMs;
    await this.place({ ...wish, sinceAt: sinceAt - marginMs, lying, operator: null });
  }

  /** @returns its id; null where it is there already. */
  async place(order: NewRedriveOrder): Promise<number | null> {
    return placeRedrive(order, this.#parts);
  }

  /** Once a second. Resolves when the rows of this look are written; answers of logs are waited for by later looks. */
  tick(now: number): Promise<void> {
    this.#looking ??= this.#look(now).finally(() => (this.#looking = null));
    return this.#looking;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#looking, this.#asks.stop()]);
    await this.#lane.close();
  }

  /** What fails with one order is tried again with the next look, and keeps no other from going on. */
  async #look(now: number): Promise<void> {
    const { database, log } = this.#parts;
    const failed = (order: number | null) => tellFailure(database, log, "redrive.look-failed", { order });
    // First: what goes back into the queue finds stand-ins that know how much they are given.
    await this.#pacing.tick(now).catch(tellFailure(database, log, "pace.look-failed"));
    const orders = await openRedriveOrders(database).catch(failed(null));
    for (const order of orders ?? []) await this.#work(order, now).catch(failed(order.orderId));
  }

  async #work(order: RedriveOrder, now: number): Promise<void> {
    const isComplete = await this.#find(order, now);
    for (let n = 0; n < REDRIVE_BOUNDS.batchesAtOnce; n += 1) if (!(await this.#batch(order, now))) break;
    if (isComplete) await this.#end(order, now);
  }

  /** @returns whether nothing more can come. */
  async #find(order: RedriveOrder, now: number): Promise<boolean> {
    const { orderId, verdictAt } = order;
    if (this.#found.has(orderId)) return true;
    if (!this.#begun.has(orderId)) this.#asks.trust(order.provider); // perhaps its log answers again
    this.#begun.add(orderId);
    const routineDueAt = order.operator === null ? verdictAt + REDRIVE_BOUNDS.reconcileMs : now;
    let found = REDRIVE_FOUND_AT_ONCE;
    for (let n = 0; n < REDRIVE_BOUNDS.batchesAtOnce && found === REDRIVE_FOUND_AT_ONCE; n += 1)
      found = await findRedrive(this.#lane.execute, order, { now, routineDueAt });
    const isComplete = found < REDRIVE_FOUND_AT_ONCE && now > verdictAt + REDRIVE_STRAGGLERS_MS;
    if (isComplete) this.#found.add(orderId);
    return isComplete;
  }

  /** @returns whether there may be more to do at once. */
  async #batch(order: RedriveOrder, now: number): Promise<boolean> {
    const items = await dueRedrive(this.#lane.execute, order, now, REDRIVE_BOUNDS.batch);
    if (items.length === 0) return false;
    const ready = items.flatMap((item) => this.#asked(order, item, now) ?? []);
    if (ready.length === 0) return false;
    const { isWanted, gone, busy } = await this.#lane.transaction(async (execute) => {
      const ids = ready.map(({ item }) => item.spoolId);
      const claimed = await claimRedrive(execute, order.orderId, ids);
      const loaded = await loadDoubted(execute, ids);
      const free = ready.filter(({ item }) => claimed.has(item.spoolId) && !loaded.busy.has(item.spoolId));
      const batch = free.map((one) => ({ ...one, message: loaded.known.get(one.item.spoolId) }));
      const changes = changesOf(order, batch, now, this.#changeParts);
      await writeRedrive(execute, order.orderId, changes, now);
      for (const { result } of changes.items) this.#parts.metrics.redriven(order.provider, result);
      return {
        isWanted: changes.events.some((one) => one.notify),
        gone: changes.items.filter(({ result }) => result === "body-gone").length,
        busy: loaded.busy,
      };
    });
    for (const { item } of ready) if (!busy.has(item.spoolId)) this.#asks.forget(keyOf(order, item));
    if (isWanted) this.#parts.onEvents();
    if (gone > 0) await this.#parts.alerts?.raise(bodyGoneAlert(order, gone, now));
    return items.length === REDRIVE_BOUNDS.batch && busy.size === 0;
  }

  /** Null: its log is being asked. A secret does not wait for a log, and a liar's is worth nothing. */
  #asked(order: RedriveOrder, item: RedriveItem, now: number): Doubt | null {
    const unasked: Doubt = { item, log: "none", asked: false };
    const messageClass = classFromNumber(item.class);
    if (messageClass === "C0" || messageClass === "C4" || order.lying || item.attempt === null) return unasked;
    const waitMs = messageClass === "C3" ? REDRIVE_BOUNDS.routineAsksMs : REDRIVE_BOUNDS.criticalAsksMs;
    const { provider } = order;
    if (now > item.dueAt + waitMs) return unasked;
    const answer = this.#asks.answer(keyOf(order, item), this.#parts.providers.get(provider), () =>
      this.#parts.attemptIdOf(item.spoolId, provider, item.attempt!),
    );
    if (answer === "asking") return null;
    return answer === "silent" ? unasked : { item, log: answer, asked: true };
  }

  async #end(order: RedriveOrder, now: number): Promise<void> {
    const { database, alerts, log } = this.#parts;
    const counts = await redriveCounts(database, order.orderId);
    if (counts.some((one) => one.result === null)) return;
    const byResult: Record<string, number> = {};
    for (const { result, messages } of counts) byResult[result!] = (byResult[result!] ?? 0) + messages;
    // Whoever led before may not have come to it.
    const gone = byResult["body-gone"] ?? 0;
    if (gone > 0) await alerts?.raise(bodyGoneAlert(order, gone, now));
    await alerts?.resolve(bodyGoneKey(order));
    await endRedriveOrder(database, order.orderId, now);
    this.#found.delete(order.orderId);
    this.#begun.delete(order.orderId);
    log.info("redrive.done", { order: order.orderId, provider: order.provider, scope: order.scope, ...byResult });
  }
}

/** Row and ledger leaf in one commit. For people as well, beside a running Postern. */
export async function placeRedrive(
  order: NewRedriveOrder,
  { database, leaves, clock, log }: Pick<RedriveParts, "database" | "leaves" | "clock" | "log">,
): Promise<number | null> {
  const at = clock.now();
  const orderId = await database.transaction(async (tx) => {
    const id = await insertRedriveOrder(tx, order, at);
    if (id === null) return null;
    const leaf = leaves.redriveOrder({ order: id, ...order, at });
    await tx.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [new Date(at), leaf]);
    return id;
  });
  if (orderId !== null) {
    const { provider, scope, reason } = order;
    log.warn("redrive.ordered", {
      order: orderId,
      provider,
      scope,
      reason,
      forS: (order.verdictAt - order.sinceAt) / 1_000,
    });
  }
  return orderId;
}

const keyOf = ({ orderId }: RedriveOrder, { spoolId }: RedriveItem): string => `${orderId} ${spoolId}`;
