import { type Findings, INVARIANTS, type Invariant, checkInvariants } from "./invariants/check.ts";
import { gatherFacts } from "./invariants/facts.ts";
import { Observed, type Sample, type Scenario } from "./scenario.ts";
import { type Stage, World } from "./world.ts";

/** One run with one seed. */
export type Ran = {
  seed: number;
  sample: Sample;
  findings: Findings;
  /** How long it took, and how long it was. */
  realMs: number;
  virtualMs: number;
};

export async function runSeed(scenario: Scenario, seed: number, stage: Stage): Promise<Ran> {
  const startedAt = performance.now();
  const { plan = {} } = scenario;
  const world = await World.start(seed, typeof plan === "function" ? plan(seed) : plan, stage);
  try {
    const sample = await scenario.run(world);
    await world.end();
    const findings = checkInvariants(await gatherFacts(world));
    return {
      seed,
      sample,
      findings,
      realMs: performance.now() - startedAt,
      virtualMs: world.clock.monotonicMs(),
    };
  } finally {
    await world.stop();
  }
}

export type Summary = { count: number; mean: number; p50: number; p95: number; most: number };
export type Report = {
  scenario: string;
  seeds: number;
  measurements: Record<string, Summary>;
  thresholds: { name: string; limit: number; value: number; holds: boolean }[];
  invariants: Record<Invariant, boolean>;
  holds: boolean;
};

/** What is printed, of all seeds together. Figures with a thousandth's precision: more is noise. */
export function reportOf(
  scenario: Pick<Scenario, "name" | "thresholds">,
  seeds: number,
  samples: readonly Sample[],
  findings: readonly Findings[],
): Report {
  const observed = merged(samples);
  const thresholds = scenario.thresholds.map(({ name, limit, value, atLeast }) => {
    const found = value(observed);
    return { name, limit, value: rounded(found), holds: atLeast ? found >= limit : found <= limit };
  });
  const invariants = Object.fromEntries(
    INVARIANTS.map((name) => [name, findings.every((one) => one[name].length === 0)]),
  ) as Report["invariants"];
  return {
    scenario: scenario.name,
    seeds,
    measurements: Object.fromEntries(observed.names.map((name) => [name, summary(observed, name)])),
    thresholds,
    invariants,
    holds: thresholds.every(({ holds }) => holds) && Object.values(invariants).every(Boolean),
  };
}

export function merged(samples: readonly Sample[]): Observed {
  const all: Record<string, number[]> = {};
  for (const sample of samples) for (const [name, values] of Object.entries(sample)) (all[name] ??= []).push(...values);
  return new Observed(all);
}

const summary = (observed: Observed, name: string): Summary => ({
  count: observed.count(name),
  mean: rounded(observed.mean(name)),
  p50: rounded(observed.quantile(name, 0.5)),
  p95: rounded(observed.p95(name)),
  most: rounded(observed.most(name)),
});

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
