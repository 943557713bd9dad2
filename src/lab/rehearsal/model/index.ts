export { type Times, faultTimes, faults, flapping, relapsing } from "./faults.ts";
export { PLAIN, TROUBLED, type WorldPlan } from "./plan.ts";
export type { SoakOptions, Soaked } from "./soak.ts";
export type { Fault } from "./world.ts";
export { type Yearly, poissonAtMost, soakAll, yearly } from "./years.ts";
