export * from "./backoff.ts";
export * from "./batcher.ts";
export * from "./clock.ts";
export * from "./duration.ts";
export * from "./ids.ts";
export * from "./problem.ts";
export * from "./random.ts";
export * from "./secret.ts";
