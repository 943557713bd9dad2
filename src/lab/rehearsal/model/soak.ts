import { seededRandom } from "../../../kernel/index.ts";
import type { Assumed } from "../../../judge/index.ts";
import { ACTIVE, World } from "./world.ts";
import { type WorldPlan, TROUBLED } from "./plan.ts";

export type SoakOptions = { seed: number; days: number; plan?: WorldPlan; assumed?: Assumed };
/** A time in which nothing is lost: each suspicion and each failover is false. Counts, not rates. */
export type Soaked = {
  seed: number;
  days: number;
  messages: number;
  canaries: number;
  /** Of bursts, which would not have been sent otherwise. */
  extraCanaries: number;
  /** DOWN of a whole provider, of any that the world has. */
  failovers: number;
  /** DOWN of one stream through one. */
  streamFailovers: number;
  quarantines: number;
  suspicions: number;
  streamSuspicions: number;
  eventsDark: number;
  partialLosses: number;
  /** What caused the failovers. */
  causes: Record<string, number>;
};

const DAY_S = 86_400;

/** A provider's healthy time on evidence alone, through the program's own judge. */
export function soak({ seed, days, plan = TROUBLED, assumed }: SoakOptions): Soaked {
  const world = new World(plan, seededRandom(seed), assumed);
  const told: Soaked = {
    seed,
    days,
    messages: 0,
    canaries: 0,
    extraCanaries: 0,
    failovers: 0,
    streamFailovers: 0,
    quarantines: 0,
    suspicions: 0,
    streamSuspicions: 0,
    eventsDark: 0,
    partialLosses: 0,
    causes: {},
  };
  for (let s = 0; s < days * DAY_S; s += 1) {
    for (const { provider, scope, from, standing } of world.second()) {
      const { state, because } = standing;
      if (state === from && because.kind !== "partial-loss") continue;
      const isWhole = scope === "";
      if (state === "SUSPECT" && isWhole && provider === ACTIVE) {
        if (from !== state) told.suspicions += 1;
        if (because.kind === "partial-loss") told.partialLosses += 1;
      } else if (state === "SUSPECT" && !isWhole) told.streamSuspicions += 1;
      else if (state === "EVENTS_DARK" && from !== state) told.eventsDark += 1;
      else if (state === "QUARANTINED" || state === "DOWN" || state === "PINNED_OFF") {
        if (state === "QUARANTINED") told.quarantines += 1;
        if (isWhole) told.failovers += 1;
        else told.streamFailovers += 1;
        const cause = `${provider} ${scope} ${because.kind}`.replace("  ", " ");
        told.causes[cause] = (told.causes[cause] ?? 0) + 1;
        world.startAfresh(); // what caused it counts once
      }
    }
  }
  return {
    ...told,
    messages: world.messages,
    canaries: world.canaries,
    extraCanaries: world.burstCanaries,
  };
}
