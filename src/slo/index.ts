export {
  type Assurance,
  type Counted,
  type Point,
  type ProviderAssurance,
  type StreamAssurance,
  readAssurance,
} from "./assurance.ts";
export { Objectives } from "./objectives.ts";
export { sweepCounts } from "./sweep.ts";
