import { type Calm, type Times, calm, faults } from "./runs.ts";
import type { WorldPlan } from "./world.ts";

/** What is simulated, and what it is held to. Limits are in seconds, or a provider-year's count. */
export type Limits = {
  suspectMean?: number;
  downMean?: number;
  downP95?: number;
  downMost?: number;
  suspectP95?: number;
};
export type FaultCase = { name: string; plan: WorldPlan; loss: number; patienceS: number; limits: Limits };
export type CalmCase = { name: string; plan: WorldPlan; days: number; held: boolean };
export type Goal = { name: string; limit: number; value: number; holds: boolean };

const plan = (perMinute: number, canaries: boolean, but: Partial<WorldPlan> = {}): WorldPlan => ({
  perMinute,
  canaries,
  correlation: 0.05,
  stallsPerDay: 0,
  ...but,
});

/** Declared within 60 s (95 %) and 100 s at most at any traffic, with canaries; without them nothing is promised. */
const PROMISE: Limits = { downP95: 60, downMost: 100 };
const UNTIL_FOUND_S = 900;

export const FAULTS: readonly FaultCase[] = [
  { name: "all lost, 1/min", plan: plan(1, true), loss: 1, patienceS: UNTIL_FOUND_S, limits: PROMISE },
  {
    name: "all lost, 10/min",
    plan: plan(10, true),
    loss: 1,
    patienceS: UNTIL_FOUND_S,
    limits: { ...PROMISE, suspectMean: 25, downMean: 40 },
  },
  { name: "all lost, 60/min", plan: plan(60, true), loss: 1, patienceS: UNTIL_FOUND_S, limits: PROMISE },
  { name: "1/min, no canaries", plan: plan(1, false), loss: 1, patienceS: 7_200, limits: {} },
  { name: "10/min, no canaries", plan: plan(10, false), loss: 1, patienceS: UNTIL_FOUND_S, limits: {} },
  {
    name: "10/min, none, ρ = 0",
    plan: plan(10, false, { correlation: 0 }),
    loss: 1,
    patienceS: UNTIL_FOUND_S,
    limits: { downMean: 36 },
  },
  { name: "60/min, no canaries", plan: plan(60, false), loss: 1, patienceS: UNTIL_FOUND_S, limits: {} },
  { name: "30 % lost, 10/min", plan: plan(10, true), loss: 0.3, patienceS: 7_200, limits: { suspectP95: 300 } },
  { name: "10 % lost, 10/min", plan: plan(10, true), loss: 0.1, patienceS: 14_400, limits: { suspectP95: 1_200 } },
];

export const CALMS: readonly CalmCase[] = [
  { name: "1/min", plan: plan(1, true), days: 120, held: true },
  { name: "10/min", plan: plan(10, true), days: 365, held: true },
  { name: "60/min", plan: plan(60, true), days: 30, held: true },
  { name: "10/min, no canaries", plan: plan(10, false), days: 90, held: true },
  { name: "10/min, webhooks stall 3 a day", plan: plan(10, true, { stallsPerDay: 3 }), days: 180, held: true },
  // What a threshold alone cannot do: here to be seen, not to be held.
  { name: "the same, no canaries", plan: plan(10, false, { stallsPerDay: 3 }), days: 60, held: false },
];

const SUSPECTS_PER_YEAR = 1_000;
const FAILOVERS_PER_YEAR = 1;

export const measureFault = (one: FaultCase, runs: number, seed: number): Times =>
  faults(one.plan, one.loss, runs, one.patienceS, seed);
export const measureCalm = (one: CalmCase, share: number, seed: number): Calm =>
  calm(one.plan, Math.max(1, Math.round(one.days * share)), seed);

export function goalsOfFault({ name, limits }: FaultCase, { suspect, down }: Times): Goal[] {
  const seconds: [string, number | undefined, number][] = [
    ["SUSPECT mean s", limits.suspectMean, suspect.mean],
    ["SUSPECT p95 s", limits.suspectP95, suspect.found < suspect.of ? Infinity : suspect.p95],
    ["DOWN mean s", limits.downMean, down.mean],
    ["DOWN p95 s", limits.downP95, down.found < down.of ? Infinity : down.p95],
    ["DOWN most s", limits.downMost, down.found < down.of ? Infinity : down.most],
  ];
  return seconds.flatMap(([what, limit, value]) =>
    limit === undefined ? [] : [{ name: `${name}: ${what}`, limit, value, holds: value <= limit }],
  );
}

export const goalsOfCalm = ({ name, held }: CalmCase, told: Calm): Goal[] =>
  held
    ? [
        {
          name: `calm ${name}: false failovers a year`,
          limit: FAILOVERS_PER_YEAR,
          value: told.failoversPerYear,
          holds: told.failoversPerYear < FAILOVERS_PER_YEAR,
        },
        {
          name: `calm ${name}: suspicions a year`,
          limit: SUSPECTS_PER_YEAR,
          value: told.suspectsPerYear,
          holds: told.suspectsPerYear <= SUSPECTS_PER_YEAR,
        },
      ]
    : [];
