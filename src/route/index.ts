export * from "./breaker.ts";
export * from "./route.ts";
