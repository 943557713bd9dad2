export * from "./edges.ts";
export * from "./model.ts";
export * from "./prior.ts";
