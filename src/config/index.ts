export * from "./settings.ts";
export * from "./mistakes.ts";
export * from "./defaults.ts";
export { openBodyKey } from "./body-key.ts";
export { CONFIG_FILE, configFile, type Environment, type LoadParts, loadSettings } from "./load.ts";
export { LAB_DOMAIN, LAB_TENANT, type LabCredentials, labCredentials } from "./lab.ts";
export { isLoopback } from "./values.ts";
export { warningsOf } from "./warnings.ts";
