export * from "./settings.ts";
export { routeOf } from "./route-of.ts";
export {
  type AlertSettings,
  type AlertSeverity,
  type AlertTargetKind,
  type AlertTargetSettings,
  NO_ALERTS,
} from "./alerts.ts";
export type * from "./canaries.ts";
export * from "./mistakes.ts";
export { DEFAULT_OBJECTIVES, EDGES_MS, type Objective, type ObjectiveSettings } from "./slo.ts";
export * from "./defaults.ts";
export { openBodyKey } from "./body-key.ts";
export { configFile, type Environment, loadSettings } from "./load.ts";
export { LAB_DOMAIN, type LabCredentials, labAddressOf, labCredentials, labSettings } from "./lab.ts";
export { isLoopback } from "./values.ts";
export { findSecret } from "./secrets.ts";
export { warningsOf } from "./warnings.ts";
