export type { Assurance, Counted, Point, ProviderAssurance, StreamAssurance } from "./assurance.ts";
export { Objectives } from "./objectives.ts";
export { sweepCounts } from "./sweep.ts";
