import { type Clock, HOUR_MS, type Log, MINUTE_MS, type Random } from "../kernel/index.ts";
import type { MessageClass } from "../mail/index.ts";
import type { RoutePolicy } from "../route/index.ts";
import { type Pace, loadPaces } from "../spool/index.ts";
import { type Database, RowWatch } from "../store/index.ts";
import { PaceLine } from "./pace-line.ts";

/** Bulk is held back for as long as a stand-in is in use; its end brings it forward. */
const BULK_MS = HOUR_MS;
const BULK_SPREAD_MS = 10 * MINUTE_MS;

/** What is asked of a message before a provider is given it. */
export type Paced = { class: MessageClass; tenant: string; stream: string; route: RoutePolicy };

/**
 * What this node knows of paces: how much mail a standby is given an hour while it carries that of a provider a verdict
 * withdrew. Secrets and notices (C0, C1) always go at once. While there is no pace, asking costs nothing.
 */
export class PaceBoard {
  readonly #parts: { database: Database; clock: Clock; random: Random; log: Log };
  #paces = new Map<string, Pace>();
  readonly #lines = new Map<string, PaceLine>();
  readonly #watch: RowWatch;

  constructor(parts: { database: Database; clock: Clock; random: Random; log: Log }) {
    this.#parts = parts;
    this.#watch = new RowWatch({ ...parts, event: "pace.not-read", look: () => this.look() });
  }

  start(): Promise<void> {
    return this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /**
   * @param waited it was put off before
   * @returns go: a token is taken, or none is needed · a later instant: its turn.
   */
  turn(provider: string, message: Paced, waited: boolean): "go" | number {
    const line = this.#lineOf(provider, message);
    const now = this.#parts.clock.now();
    if (line === "free") return "go";
    if (line === "bulk") return now + BULK_MS + Math.round(this.#parts.random.fraction() * BULK_SPREAD_MS);
    return line.mayGo(now, waited) ? "go" : line.turn(now);
  }

  /** The same of a message that is not stored yet: without a place in the line. */
  mayGoNow(provider: string, message: Paced): boolean {
    const line = this.#lineOf(provider, message);
    if (line === "free") return true;
    return line !== "bulk" && line.mayGo(this.#parts.clock.now(), false);
  }

  async look(): Promise<void> {
    const { paces, nodes } = await loadPaces(this.#parts.database);
    const now = this.#parts.clock.now();
    this.#paces = new Map(paces.map((pace) => [pace.provider, pace]));
    for (const [key] of this.#lines) if (!this.#paces.has(key.slice(3))) this.#lines.delete(key);
    for (const pace of paces) {
      this.#set(`C2 ${pace.provider}`, pace.criticalPerHour / nodes, pace, false, now);
      this.#set(`C3 ${pace.provider}`, pace.routinePerHour / nodes, pace, pace.state === "ramping", now);
    }
  }

  #set(key: string, perHour: number, { stepAt }: Pace, grows: boolean, now: number): void {
    const allowance = { perHour: Math.max(1, perHour), stepAt, grows };
    const line = this.#lines.get(key);
    if (line) line.set(allowance, now);
    else this.#lines.set(key, new PaceLine(allowance, now, { saved: key.startsWith("C2") }));
  }

  #lineOf(provider: string, { class: messageClass, tenant, stream, route }: Paced): PaceLine | "free" | "bulk" {
    if (this.#paces.size === 0 || messageClass === "C0" || messageClass === "C1" || route.probe) return "free";
    const pace = this.#paces.get(provider);
    if (!pace) return "free";
    const isStandIn = route.prefer.some(
      (name) =>
        name !== provider && (pace.insteadOf.includes(name) || pace.insteadOf.includes(`${name} ${tenant}/${stream}`)),
    );
    if (!isStandIn) return "free";
    return messageClass === "C4" ? "bulk" : (this.#lines.get(`${messageClass} ${provider}`) ?? "free");
  }
}
