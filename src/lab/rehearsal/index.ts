export { INVARIANTS, INVARIANT_WORDS } from "./invariants/check.ts";
export { type Place, ownDatabase, startPlace } from "./place.ts";
export { type Ran, type Report, merged, reportOf, runSeed } from "./run.ts";
export type { Observed, Scenario } from "./scenario.ts";
export { SCENARIOS } from "./scenarios/index.ts";
export type { Stage } from "./world.ts";
