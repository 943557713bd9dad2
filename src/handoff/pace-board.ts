import { type Clock, HOUR_MS, MINUTE_MS, type Random, SECOND_MS } from "../kernel/index.ts";
import type { MessageClass } from "../mail/index.ts";
import type { RoutePolicy } from "../route/index.ts";
import { PACES_VERSION, type Pace, loadPaces } from "../spool/index.ts";
import type { Database, RowWatch } from "../store/index.ts";
import { PaceLine } from "./pace-line.ts";

/** Bulk is held back for as long as a stand-in is in use; its end brings it forward. */
const BULK_MS = HOUR_MS;
const BULK_SPREAD_MS = 10 * MINUTE_MS;

/**
 * A verdict is known half a second after it fell, the stand-in's pace a second or two later: what is on its way meanwhile waits for it. After
 * that there is none, for nobody judges who gives any.
 */
const PACE_WITHIN_MS = 5 * SECOND_MS;
const ASKS_AGAIN_MS = 2 * SECOND_MS;

/** What is known of verdicts: standing/board.ts. */
type Standings = { standing(provider: string, scope?: string): { state: string; since: number } | null };
const WITHDRAWN: ReadonlySet<string> = new Set(["DOWN", "QUARANTINED", "PINNED_OFF"]);

/** What is asked of a message before a provider is given it. */
export type Paced = { class: MessageClass; tenant: string; stream: string; route: RoutePolicy };

type PaceBoardParts = {
  database: Database;
  watch: Pick<RowWatch, "add">;
  standings: Standings;
  clock: Clock;
  random: Random;
};

/**
 * What this node knows of paces: how much mail a standby is given an hour while it carries that of a provider a verdict
 * withdrew. Secrets and notices (C0, C1) always go at once. While there is no pace, asking costs two looks into a map.
 */
export class PaceBoard {
  readonly #parts: PaceBoardParts;
  #paces = new Map<string, Pace>();
  readonly #lines = new Map<string, PaceLine>();

  constructor(parts: PaceBoardParts) {
    this.#parts = parts;
    parts.watch.add({ version: PACES_VERSION, event: "pace.not-read", look: () => this.look() });
  }

  /**
   * @param waited it was put off before
   * @returns go: a token is taken, or none is needed · a later instant: its turn.
   */
  turn(provider: string, message: Paced, waited: boolean): "go" | number {
    const line = this.#lineOf(provider, message);
    const now = this.#parts.clock.now();
    if (line === "free") return "go";
    if (line === "soon") return now + ASKS_AGAIN_MS;
    if (line === "bulk") return now + BULK_MS + Math.round(this.#parts.random.fraction() * BULK_SPREAD_MS);
    return line.mayGo(now, waited) ? "go" : line.turn(now, waited);
  }

  /** The same of a message that is not stored yet: without a place in the line. */
  mayGoNow(provider: string, message: Paced): boolean {
    const line = this.#lineOf(provider, message);
    if (line === "free") return true;
    return line !== "bulk" && line !== "soon" && line.mayGo(this.#parts.clock.now(), false);
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

  #lineOf(
    provider: string,
    { class: messageClass, tenant, stream, route }: Paced,
  ): PaceLine | "free" | "soon" | "bulk" {
    if (messageClass === "C0" || messageClass === "C1" || route.probe) return "free";
    const pace = this.#paces.get(provider);
    if (!pace) return messageClass !== "C2" && this.#isDue(provider, route, `${tenant}/${stream}`) ? "soon" : "free";
    const isStandIn = route.prefer.some(
      (name) =>
        name !== provider && (pace.insteadOf.includes(name) || pace.insteadOf.includes(`${name} ${tenant}/${stream}`)),
    );
    if (!isStandIn) return "free";
    return messageClass === "C4" ? "bulk" : (this.#lines.get(`${messageClass} ${provider}`) ?? "free");
  }

  /** It stands in since a moment ago, and its pace is on its way. */
  #isDue(provider: string, { prefer }: RoutePolicy, scope: string): boolean {
    if (prefer.includes(provider)) return false;
    const since = this.#parts.clock.now() - PACE_WITHIN_MS;
    const isFresh = (standing: ReturnType<Standings["standing"]>): boolean =>
      standing !== null && WITHDRAWN.has(standing.state) && standing.since > since;
    const { standings } = this.#parts;
    return prefer.some((name) => isFresh(standings.standing(name)) || isFresh(standings.standing(name, scope)));
  }
}
