import { type Clock, type Log, causeText, every } from "../kernel/index.ts";
import type { LeasedMessage, Spool } from "../spool/index.ts";
import type { Desk } from "./desk.ts";
import type { InHand } from "./in-hand.ts";
import type { NodeLife } from "./node-life.ts";
import type { WriteDown } from "./write-down.ts";

/** Works kept in memory waiting for a slot, however many slots there are. */
export const READY_MOST = 512;
/** And per slot of the usable providers: enough that no slot waits for the database, few enough that other nodes find work. */
const READY_PER_SLOT = 2;
const POLL_MS = 250;
const HELD_POLL_MS = 5_000;
const HELD_AT_ONCE = 100;
const FORGOTTEN_POLL_MS = 1_000;

export type FillerParts = {
  spool: Spool;
  desks: ReadonlyMap<string, Desk>;
  life: NodeLife;
  writeDown: WriteDown;
  inHand: InHand;
  isDatabaseUp(): boolean;
  clock: Clock;
  log: Log;
  /** Works that wait for a slot now. */
  waiting(): number;
  takeIn(message: LeasedMessage, epoch: number): void;
};

/** Takes due messages from the queue into this node's hands, and gives back what it holds without knowing. */
export class Filler {
  readonly #parts: FillerParts;
  readonly #series: { stop(): Promise<void> }[] = [];
  #leasing = false;
  #more = false;
  #stopping = false;

  constructor(parts: FillerParts) {
    this.#parts = parts;
  }

  start(): void {
    const loop = (intervalMs: number, task: () => Promise<void>): void => {
      this.#series.push(every(this.#parts.clock, intervalMs, task, this.#failed));
    };
    loop(POLL_MS, () => this.#fill());
    loop(HELD_POLL_MS, () => this.#takeHeld());
    loop(FORGOTTEN_POLL_MS, () => this.#giveBackForgotten());
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#series.map((one) => one.stop()));
  }

  /** Slots became free: at once where more is known to wait. */
  hurry(): void {
    if (this.#more) this.#fill().catch(this.#failed);
  }

  /** The database tells of its outages itself; the next turn asks again. */
  readonly #failed = (error: unknown): void =>
    this.#parts.log.debug("handoff.poll-failed", { cause: causeText(error) });

  async #fill(): Promise<void> {
    const { spool, clock, waiting, inHand } = this.#parts;
    if (this.#leasing || inHand.isFull || !this.#mayLease()) return;
    const most = this.#most();
    const room = most - waiting();
    if (room <= 0 || room * 2 < most) return; // half at a time: a lease for one message costs as much as for fifty
    this.#leasing = true;
    try {
      this.#more = (await this.#lease(() => spool.lease(clock.now(), room))) >= room;
    } finally {
      this.#leasing = false;
    }
  }

  /** Held messages whose time is over. */
  async #takeHeld(): Promise<void> {
    const { spool, clock } = this.#parts;
    if (this.#mayLease()) await this.#lease(() => spool.leaseHeld(clock.now(), HELD_AT_ONCE));
  }

  async #giveBackForgotten(): Promise<void> {
    const { writeDown, inHand, isDatabaseUp } = this.#parts;
    if (!this.#stopping && isDatabaseUp()) await inHand.inTurn(() => writeDown.giveBackForgotten(inHand.knows));
  }

  #mayLease(): boolean {
    const { life, isDatabaseUp } = this.#parts;
    return !this.#stopping && isDatabaseUp() && life.mayAct(life.epoch);
  }

  /** While no provider can be used the queue stays as it is: leasing and giving back would only cost. */
  #most(): number {
    let slots = 0;
    for (const desk of this.#parts.desks.values()) if (desk.usable || desk.pinned) slots += desk.slots;
    return Math.min(READY_MOST, READY_PER_SLOT * slots);
  }

  /** @returns how many messages were taken in. */
  #lease(ask: () => Promise<LeasedMessage[]>): Promise<number> {
    const { life, writeDown, inHand, takeIn } = this.#parts;
    return inHand.inTurn(async () => {
      const epoch = life.epoch;
      try {
        const messages = await ask();
        for (const message of messages) takeIn(message, epoch);
        return messages.length;
      } catch (error) {
        writeDown.doubt(); // they may be leased all the same
        throw error;
      }
    });
  }
}
