export { Canaries } from "./canaries.ts";
export { canariesSince } from "./rows/canaries-since.ts";
export { countCanaries, listCanaries } from "./rows/list-canaries.ts";
export type { Canary } from "./rows/row.ts";
export { sweepCanaries } from "./rows/sweep-canaries.ts";
export { CANARY_TENANT, canaryTenant } from "./tenant.ts";
