export { ownAddresses, whyDenied } from "./denied.ts";
export type { Connect, Resolve } from "./dial.ts";
export { createEgress, type Egress, type EgressBounds, type EgressParts, type PostAnswer } from "./post.ts";
export { type EgressCode, type EgressRefusal, type Permitted, type Target, targetOf } from "./target.ts";
