export * from "./credentials.ts";
export * from "./suppressions.ts";
export * from "./tenants.ts";
