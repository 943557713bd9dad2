export * from "./stream-judge.ts";
export * from "./streams.ts";
