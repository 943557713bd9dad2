import type { Clock } from "../kernel/index.ts";
import type { Verdicts } from "../handoff/index.ts";
import { isStricter } from "../judge/index.ts";
import type { Database, RowWatch } from "../store/index.ts";
import { type Drill, RUNNING_VERSION, runningDrill } from "./rows.ts";

type Routed = { tenant: string; stream: string };
export type Advice = ReturnType<Verdicts["useOf"]>;

const YES: Advice = { use: "yes" };

/**
 * What this node knows of the drill that runs. It advises against the provider, and never forbids it: where a stand-in
 * fails, the next message goes through the withdrawn one without anybody having to notice first.
 */
export class Withdrawals {
  readonly #clock: Clock;
  #drill: Drill | null = null;

  constructor({ database, watch, clock }: { database: Database; watch: Pick<RowWatch, "add">; clock: Clock }) {
    this.#clock = clock;
    const look = async (): Promise<void> => {
      this.#drill = await runningDrill(database);
    };
    watch.add({ version: RUNNING_VERSION, event: "drill.not-read", look });
  }

  useOf(provider: string, message: Routed): Advice {
    return adviceOf(this.#drill, provider, message, this.#clock.now());
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
