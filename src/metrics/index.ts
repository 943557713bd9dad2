export * from "./exporter.ts";
export * from "./health.ts";
export * from "./metrics.ts";
