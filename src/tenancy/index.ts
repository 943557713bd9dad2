export * from "./credentials.ts";
export * from "./import-suppressions.ts";
export * from "./suppression-exceptions.ts";
export * from "./suppressions.ts";
export * from "./tenants.ts";
