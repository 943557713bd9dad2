import { type Clock, HOUR_MS, type Log, causeText } from "../../kernel/index.ts";
import type { LeafMaker } from "../../ledger/index.ts";
import {
  HASTENED_AT_ONCE,
  type Pace,
  closeUpPaced,
  countPace,
  deletePace,
  hastenPaced,
  loadPaces,
  peakHourOf,
  savePace,
  takenSince,
} from "../../spool/index.ts";
import { loadStandings } from "../../standing/index.ts";
import type { Database } from "../../store/index.ts";
import { PACE_BOUNDS, firstPace, mayGrow, nextPace } from "./pace.ts";
import { type StandIn, type StreamRoute, standInsOf } from "./stand-ins.ts";

export type PacingParts = {
  database: Database;
  routes: readonly StreamRoute[];
  ownerGroupOf: (provider: string) => string | undefined;
  leaves: LeafMaker;
  clock: Clock;
  log: Log;
};

const HASTENS_AT_ONCE = 10;

/**
 * How much routine mail stand-ins are given, on the node that leads: a row for each of them as long as a verdict keeps a
 * provider that is preferred to it out of use. When that ends, what waits for a turn is due at once.
 * Operator sees: "pace.began", "pace.changed", "pace.ended", postern redrive paces.
 */
export class Pacing {
  readonly #parts: PacingParts;
  /** Streams whose mail is still to be brought forward. */
  #hasten: string[] = [];

  constructor(parts: PacingParts) {
    this.#parts = parts;
  }

  async tick(now: number): Promise<void> {
    const { database, routes, ownerGroupOf, log } = this.#parts;
    const [standings, { paces }] = await Promise.all([loadStandings(database), loadPaces(database)]);
    const wanted = standInsOf(routes, standings, ownerGroupOf);
    const known = new Map(paces.map((pace) => [pace.provider, pace]));
    for (const pace of paces) if (!wanted.has(pace.provider)) await this.#end(pace, now);
    for (const [provider, standIn] of wanted) {
      const pace = known.get(provider);
      if (pace) await this.#goOn(pace, standIn, now);
      else await this.#begin(provider, standIn, now);
    }
    for (let n = 0; n < HASTENS_AT_ONCE && this.#hasten.length > 0; n += 1) {
      const hastened = await hastenPaced(database, this.#hasten, now);
      if (hastened > 0) log.info("pace.hastened", { messages: hastened });
      if (hastened < HASTENED_AT_ONCE) this.#hasten = [];
    }
  }

  async #begin(provider: string, standIn: StandIn, now: number): Promise<void> {
    const { database, log } = this.#parts;
    // A week of rows may be too many to count in time: then the floor is where it begins.
    const peak = await peakHourOf(database, provider, now).catch((error: unknown) => {
      log.warn("pace.peak-unknown", { provider, cause: causeText(error) });
      return 0;
    });
    const pace = firstPace(provider, [...standIn.insteadOf].toSorted(), peak, now);
    await savePace(database, pace);
    await this.#tell("pace.began", pace, now);
  }

  async #goOn(pace: Pace, standIn: StandIn, now: number): Promise<void> {
    const { database } = this.#parts;
    const insteadOf = [...standIn.insteadOf].toSorted();
    const same = insteadOf.join("\n") === pace.insteadOf.join("\n");
    if (same && now - pace.countedAt < PACE_BOUNDS.countEveryMs) return;
    const facts = await countPace(database, pace.provider, now - PACE_BOUNDS.countedMs);
    const lastHour = mayGrow(pace, now) ? await takenSince(database, pace.provider, now - HOUR_MS) : 0;
    const next = nextPace({ ...pace, insteadOf }, { ...facts, lastHour }, now);
    await savePace(database, next);
    if (standIn.first.size > 0) await closeUpPaced(database, [...standIn.first], next.routinePerHour, now);
    if (next.stepAt !== pace.stepAt || next.state !== pace.state) await this.#tell("pace.changed", next, now);
  }

  async #end(pace: Pace, now: number): Promise<void> {
    const { database, routes } = this.#parts;
    await deletePace(database, pace.provider);
    const streams = routes.map(({ tenant, stream }) => `${tenant}/${stream}`);
    const isOf = (stream: string): boolean =>
      pace.insteadOf.some((one) => {
        const [preferred, only] = one.split(" ");
        return only === undefined ? isPreferred(routes, stream, preferred!) : only === stream;
      });
    this.#hasten = [...new Set([...this.#hasten, ...streams.filter(isOf)])];
    await this.#tell("pace.ended", pace, now);
  }

  async #tell(event: string, pace: Pace, at: number): Promise<void> {
    const { log, leaves, database } = this.#parts;
    const { provider, insteadOf, state, allowancePerHour, peakPerHour, deferred } = pace;
    const numbers = { allowancePerHour, peakPerHour, deferred: String(Math.round(deferred * 1_000) / 1_000) };
    const leaf = leaves.pace({ event, provider, insteadOf: insteadOf.join(", "), state, ...numbers, at });
    await database.query("INSERT INTO ledger_leaves (at, leaf) VALUES ($1, $2)", [new Date(at), leaf]);
    log.info(event, { provider, insteadOf: insteadOf.join(", "), state, ...numbers });
  }
}

const isPreferred = (routes: readonly StreamRoute[], stream: string, provider: string): boolean =>
  routes.some((one) => `${one.tenant}/${one.stream}` === stream && one.route.prefer.includes(provider));
