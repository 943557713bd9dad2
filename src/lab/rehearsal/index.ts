export { type Findings, INVARIANTS, INVARIANT_WORDS, type Invariant } from "./invariants/check.ts";
export { type Place, ownDatabase, startPlace } from "./place.ts";
export { type Ran, type Report, merged, reportOf, runSeed } from "./run.ts";
export type { Observed, Sample, Scenario } from "./scenario.ts";
export { SCENARIOS } from "./scenarios/index.ts";
export type { Stage, StartApp } from "./world.ts";
