export { type Applied, applyCalibration, approve } from "./apply.ts";
export * from "./fit.ts";
export { historyOf } from "./history.ts";
export * from "./meaning.ts";
