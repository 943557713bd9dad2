export { type Spread, type Switches, type Times, faults, flapping } from "./faults.ts";
export type { Latency } from "./latencies.ts";
export { FAMILIES, PLAIN, TROUBLED, type WorldPlan } from "./plan.ts";
export { type SoakOptions, type Soaked, soak } from "./soak.ts";
export { ACTIVE, type Fault, STANDBY, World } from "./world.ts";
export { type Yearly, poissonAtMost, soakAll, yearly } from "./years.ts";
