export type { Resolve } from "./dial.ts";
export { createEgress, type Egress, type EgressParts, type PostAnswer } from "./post.ts";
export { targetOf } from "./target.ts";
