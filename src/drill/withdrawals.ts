import { type Clock, type Log, causeText, every } from "../kernel/index.ts";
import type { Use } from "../judge/index.ts";
import type { MessageClass } from "../mail/index.ts";
import type { Database } from "../store/index.ts";
import { type Drill, runningDrill } from "./rows.ts";

const LOOK_MS = 500;

type Routed = { class: MessageClass; tenant: string; stream: string };
export type Advice = Use & { why?: string };
/** What verdicts say; see standing. */
export type Verdicts = { useOf(provider: string, message: Routed): Advice };

const YES: Advice = { use: "yes" };

/**
 * What this node knows of the drill that runs. It advises against the provider, and never forbids it: where a stand-in
 * fails, the next message goes through the withdrawn one without anybody having to notice first.
 */
export class Withdrawals {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  #drill: Drill | null = null;
  #series: { stop(): Promise<void> } | null = null;

  constructor({ database, clock, log }: { database: Database; clock: Clock; log: Log }) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#series = every(
      this.#clock,
      LOOK_MS,
      () => this.#look(),
      (error) => this.#log[this.#database.isUp ? "warn" : "debug"]("drill.not-read", { cause: causeText(error) }),
    );
  }

  async stop(): Promise<void> {
    await this.#series?.stop();
  }

  useOf(provider: string, message: Routed): Advice {
    return adviceOf(this.#drill, provider, message, this.#clock.now());
  }

  async #look(): Promise<void> {
    this.#drill = await runningDrill(this.#database);
  }
}

/** Pure. Its time is looked at here too: a drill whose row nobody can end any more is over all the same. */
export function adviceOf(drill: Drill | null, provider: string, { tenant, stream }: Routed, now: number): Advice {
  if (drill === null || drill.provider !== provider || now >= drill.untilAt || drill.stopAskedBy !== null) return YES;
  // What finds out how providers stand goes its way.
  if (tenant.startsWith("~")) return YES;
  if (drill.streams !== null && !drill.streams.includes(`${tenant}/${stream}`)) return YES;
  const why = `drill ${drill.drillId}`;
  return drill.share >= 1 ? { use: "avoid", why } : { use: "share", share: 1 - drill.share, why };
}

/** Verdicts and drills together: the stricter one counts. */
export const withDrills = (verdicts: Verdicts, drills: Verdicts): Verdicts => ({
  useOf(provider, message) {
    const drill = drills.useOf(provider, message);
    const verdict = verdicts.useOf(provider, message);
    return drill.use === "yes" || isStricter(verdict, drill) ? verdict : drill;
  },
});

const STRICTNESS: Readonly<Record<Use["use"], number>> = { yes: 0, share: 1, avoid: 2, no: 3 };
const isStricter = (one: Use, other: Use): boolean =>
  STRICTNESS[one.use] > STRICTNESS[other.use] ||
  (one.use === "share" && other.use === "share" && one.share < other.share);
