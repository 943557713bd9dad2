import { seededRandom } from "../../test/support/seeded-random.ts";
import { World, type WorldPlan } from "./world.ts";

export type Spread = { found: number; of: number; mean: number; p95: number; p99: number; most: number };
export type Times = { suspect: Spread; down: Spread };
export type Calm = {
  days: number;
  messages: number;
  canaries: number;
  suspectsPerYear: number;
  failoversPerYear: number;
  failovers: number;
};

const DAYS_PER_YEAR = 365;
const DAY_S = 86_400;
const AFTER_FAILOVER_S = 900;

/** Seconds from a fault to SUSPECT and to DOWN, over `runs` faults at random instants of the canaries' rhythm. */
export function faults(plan: WorldPlan, loss: number, runs: number, patienceS: number, seed: number): Times {
  const random = seededRandom(seed);
  const suspect: number[] = [];
  const down: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const world = new World(plan, random);
    const calmS = 90 + Math.floor(random.fraction() * 60);
    for (let s = 0; s < calmS; s += 1) world.second();
    // What chance had found before the fault is no merit.
    if (world.judge.standing.state !== "HEALTHY") world.startAfresh();
    const faultAt = world.now + random.fraction() * 1_000;
    world.fault = { at: faultAt, loss };
    let suspectedAt: number | null = null;
    for (let s = 0; s < patienceS; s += 1) {
      world.second();
      const { state, because } = world.judge.standing;
      // A suspicion that was withdrawn did not find it; a loss of a part is found when it is called one.
      if (state === "HEALTHY" || (loss < 1 && because.kind !== "partial-loss" && state !== "DOWN")) suspectedAt = null;
      else suspectedAt ??= world.now;
      if (state === "DOWN" || (loss < 1 && suspectedAt !== null)) break;
    }
    if (suspectedAt !== null) suspect.push((suspectedAt - faultAt) / 1_000);
    if (world.judge.standing.state === "DOWN") down.push((world.now - faultAt) / 1_000);
  }
  return { suspect: spread(suspect, runs), down: spread(down, runs) };
}

/** A time in which nothing is wrong: each suspicion and each failover is false. */
export function calm(plan: WorldPlan, days: number, seed: number): Calm {
  const world = new World(plan, seededRandom(seed));
  let suspects = 0;
  let failovers = 0;
  let before = world.judge.standing.state;
  for (let s = 0; s < days * DAY_S; s += 1) {
    world.second();
    const { state } = world.judge.standing;
    if (state === before) continue;
    if (state === "SUSPECT") suspects += 1;
    if (state === "DOWN") {
      failovers += 1;
      // What caused it counts once, however long it lasts.
      for (let wait = 0; wait < AFTER_FAILOVER_S; wait += 1) world.second();
      s += AFTER_FAILOVER_S;
      world.startAfresh();
    }
    before = world.judge.standing.state;
  }
  const perYear = DAYS_PER_YEAR / days;
  return {
    days,
    messages: world.messages,
    canaries: world.canaryMessages,
    suspectsPerYear: suspects * perYear,
    failoversPerYear: failovers * perYear,
    failovers,
  };
}

function spread(values: readonly number[], of: number): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return {
    found: sorted.length,
    of,
    mean: sorted.reduce((sum, one) => sum + one, 0) / sorted.length,
    p95: at(0.95),
    p99: at(0.99),
    most: at(1),
  };
}
