import { ASSUMED, type Assumed } from "../../src/judge/index.ts";
import {
  type Fault,
  PLAIN,
  type SoakOptions,
  type Times,
  type WorldPlan,
  type Yearly,
  faults,
} from "../../src/lab/rehearsal/model/index.ts";

/** What is simulated, and what it is held to. Limits are in seconds, or a provider-year's count. */
export type Limits = {
  suspectMean?: number;
  downMean?: number;
  downP95?: number;
  downMost?: number;
  suspectP95?: number;
};
export type FaultCase = {
  name: string;
  plan: WorldPlan;
  fault: Omit<Fault, "at">;
  patienceS: number;
  limits: Limits;
  assumed?: Assumed;
  /** Where the goal is so near to what is measured that fewer faults cannot tell them apart. */
  runsAtLeast?: number;
};
export type CalmCase = { name: string; plan: WorldPlan; days: number; held: boolean };
export type Goal = { name: string; limit: number; value: number; holds: boolean };

const plan = (perMinute: number, but: Partial<WorldPlan> = {}): WorldPlan => ({ ...PLAIN, perMinute, ...but });
const blind = { canaries: false };
const stalling = { stalls: { ...PLAIN.stalls, perDay: 3 } };

/** Declared within 60 s (95 %) and 100 s at most at any traffic, with canaries; without them nothing is promised. */
const PROMISE: Limits = { downP95: 60, downMost: 100 };
const UNTIL_FOUND_S = 900;
const ALL = { loss: 1 };

export const FAULTS: readonly FaultCase[] = [
  { name: "all lost, 1/min", plan: plan(1), fault: ALL, patienceS: UNTIL_FOUND_S, limits: PROMISE },
  {
    name: "all lost, 10/min",
    plan: plan(10),
    fault: ALL,
    patienceS: UNTIL_FOUND_S,
    limits: { ...PROMISE, suspectMean: 25, downMean: 40 },
  },
  { name: "all lost, 60/min", plan: plan(60), fault: ALL, patienceS: UNTIL_FOUND_S, limits: PROMISE },
  { name: "1/min, no canaries", plan: plan(1, blind), fault: ALL, patienceS: 7_200, limits: {} },
  { name: "10/min, no canaries", plan: plan(10, blind), fault: ALL, patienceS: UNTIL_FOUND_S, limits: {} },
  {
    name: "10/min, none, ρ = 0",
    plan: plan(10, blind),
    fault: ALL,
    patienceS: UNTIL_FOUND_S,
    limits: { downMean: 36 },
    assumed: { ...ASSUMED, correlation: 0 },
    // The deviation of one is 12 s: of a hundred the mean is uncertain by 1.2 s, of three thousand by 0.2 s.
    runsAtLeast: 3_000,
  },
  { name: "60/min, no canaries", plan: plan(60, blind), fault: ALL, patienceS: UNTIL_FOUND_S, limits: {} },
  { name: "30 % lost, 10/min", plan: plan(10), fault: { loss: 0.3 }, patienceS: 7_200, limits: { suspectP95: 300 } },
  { name: "10 % lost, 10/min", plan: plan(10), fault: { loss: 0.1 }, patienceS: 14_400, limits: { suspectP95: 1_200 } },
  {
    name: "one stream lost, 10/min",
    plan: plan(10),
    fault: { loss: 1, stream: "acme/resets" },
    patienceS: UNTIL_FOUND_S,
    limits: { downP95: 60 },
  },
  {
    name: "all lost, and lied about",
    plan: plan(10, { standby: true }),
    fault: { loss: 1, lies: true },
    patienceS: UNTIL_FOUND_S,
    limits: { downMost: 60 },
  },
];

export const CALMS: readonly CalmCase[] = [
  { name: "1/min", plan: plan(1), days: 60, held: true },
  { name: "10/min", plan: plan(10), days: 90, held: true },
  { name: "60/min", plan: plan(60), days: 15, held: true },
  { name: "10/min, no canaries", plan: plan(10, blind), days: 60, held: true },
  { name: "10/min, webhooks stall 3 a day", plan: plan(10, stalling), days: 90, held: true },
  // Nothing is promised here, and this shows why: to who has nothing but webhooks, their standstill is an outage.
  { name: "the same, no canaries", plan: plan(10, { ...blind, ...stalling }), days: 30, held: false },
];

const SUSPECTS_PER_YEAR = 1_000;
const FAILOVERS_PER_YEAR = 1;

export const measureFault = (one: FaultCase, runs: number, seed: number): Times =>
  faults(one.plan, one.fault, {
    runs: Math.max(runs, one.runsAtLeast ?? 0),
    patienceS: one.patienceS,
    seed,
    ...(one.assumed ? { assumed: one.assumed } : {}),
  });
export const soakOf = (one: CalmCase, share: number, seed: number): SoakOptions => ({
  seed,
  days: Math.max(1, Math.round(one.days * share)),
  plan: one.plan,
});

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

export const goalsOfCalm = ({ name, held }: CalmCase, told: Yearly): Goal[] =>
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
          value: told.suspicionsPerYear,
          holds: told.suspicionsPerYear <= SUSPECTS_PER_YEAR,
        },
      ]
    : [];
