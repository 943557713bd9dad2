import { HOUR_MS, seededRandom } from "../../../kernel/index.ts";
import type { Assumed, StandingChange } from "../../../judge/index.ts";
import type { WorldPlan } from "./plan.ts";
import { ACTIVE, type Fault, World } from "./world.ts";

/** Seconds; NaN where none was found. */
export type Spread = { found: number; of: number; mean: number; p95: number; p99: number; most: number };
export type Times = { suspect: Spread; down: Spread };

const QUIET_S = 90;

type Options = { runs: number; patienceS: number; seed: number; assumed?: Assumed };
/** Seconds of each run; null where none was found. */
export type FaultTimes = { suspects: (number | null)[]; verdicts: (number | null)[] };

/**
 * Seconds from a fault to SUSPECT and to a verdict (DOWN; QUARANTINED of one that lies), over `runs` faults at random
 * instants of the canaries' rhythm.
 */
export function faults(plan: WorldPlan, fault: Omit<Fault, "at">, options: Options): Times {
  const { suspects, verdicts } = faultTimes(plan, fault, options);
  return { suspect: spread(suspects), down: spread(verdicts) };
}

export function faultTimes(
  plan: WorldPlan,
  fault: Omit<Fault, "at">,
  { runs, patienceS, seed, assumed }: Options,
): FaultTimes {
  const random = seededRandom(seed);
  const scope = fault.stream ?? "";
  const told: FaultTimes = { suspects: [], verdicts: [] };
  for (let run = 0; run < runs; run += 1) {
    const world = new World(plan, random, assumed);
    const quietS = QUIET_S + Math.floor(random.fraction() * 60);
    for (let s = 0; s < quietS; s += 1) world.second();
    // What chance had found before the fault is no merit.
    if (world.state !== "HEALTHY") world.startAfresh();
    const at = world.now + random.fraction() * 1_000;
    world.fault = { ...fault, at };
    const { suspectedAt, verdictAt } = watch(world, scope, fault, patienceS);
    told.suspects.push(suspectedAt && (suspectedAt - at) / 1_000);
    told.verdicts.push(verdictAt && (verdictAt - at) / 1_000);
  }
  return told;
}

type Watched = { suspectedAt: number | null; verdictAt: number | null };

function watch(world: World, scope: string, fault: Omit<Fault, "at">, patienceS: number): Watched {
  const isPart = fault.loss < 1;
  let suspectedAt: number | null = null;
  for (let s = 0; s < patienceS; s += 1) {
    world.second();
    const { state, because } = world.fleet.standing(ACTIVE, scope);
    const isVerdict = fault.lies ? state === "QUARANTINED" : state === "DOWN";
    // A suspicion that was withdrawn did not find it; a loss of a part is found when it is called one.
    if (state === "HEALTHY" || (isPart && because.kind !== "partial-loss" && !isVerdict)) suspectedAt = null;
    else suspectedAt ??= world.now;
    if (isVerdict || (isPart && suspectedAt !== null))
      return { suspectedAt: suspectedAt ?? world.now, verdictAt: isVerdict ? world.now : null };
  }
  return { suspectedAt, verdictAt: null };
}

export type Switches = { downs: number; pinnedAfterS: number | null; mostInAnHour: number };

/** A provider that loses all for `badS`, is well for `goodS`, and so on: how often mail is moved to and fro. */
export function flapping(
  plan: WorldPlan,
  { badS, goodS, hours }: { badS: number; goodS: number; hours: number },
  seed: number,
): Switches {
  return switches(plan, hours, seed, (_state, s) => s % (badS + goodS) < badS);
}

/** The worst one: well for as long as it is DOWN, and bad as soon as any mail is given to it again. */
export const relapsing = (plan: WorldPlan, { hours }: { hours: number }, seed: number): Switches =>
  switches(plan, hours, seed, (state) => state !== "DOWN");

function switches(
  plan: WorldPlan,
  hours: number,
  seed: number,
  isBadAt: (state: string, second: number) => boolean,
): Switches {
  const world = new World(plan, seededRandom(seed));
  const downsAt: number[] = [];
  let pinnedAfterS: number | null = null;
  const look = (changes: readonly StandingChange[]): void => {
    for (const { provider, scope, from, standing } of changes) {
      if (provider !== ACTIVE || scope !== "" || standing.state === from) continue;
      if (standing.state === "DOWN" || standing.state === "PINNED_OFF") downsAt.push(world.now);
      if (standing.state === "PINNED_OFF") pinnedAfterS ??= world.now / 1_000;
    }
  };
  for (let s = 0; s < hours * 3_600; s += 1) {
    const isBad = isBadAt(world.state, s);
    if (isBad !== (world.fault !== null)) world.fault = isBad ? { at: world.now, loss: 1 } : null;
    look(world.second());
  }
  const inHour = downsAt.map((at) => downsAt.filter((other) => other > at - HOUR_MS && other <= at).length);
  return { downs: downsAt.length, pinnedAfterS, mostInAnHour: Math.max(0, ...inHour) };
}

function spread(told: readonly (number | null)[]): Spread {
  const sorted = told.filter((one) => one !== null).toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return {
    found: sorted.length,
    of: told.length,
    mean: sorted.reduce((sum, one) => sum + one, 0) / sorted.length,
    p95: at(0.95),
    p99: at(0.99),
    most: at(1),
  };
}
