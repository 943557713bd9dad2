export { Canaries, type BurstWish } from "./canaries.ts";
export { type Finding, type FindingCode, isAltered } from "./findings.ts";
export { canariesSince } from "./rows/canaries-since.ts";
export type { Canary, CanaryResult, Legs } from "./rows/row.ts";
export { sweepCanaries } from "./rows/sweep-canaries.ts";
export { CANARY_TENANT, canaryTenant } from "./tenant.ts";
