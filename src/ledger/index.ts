export * from "./canonical.ts";
export * from "./leaves.ts";
