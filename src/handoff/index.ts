export * from "./attempt-id.ts";
export * from "./desk.ts";
export * from "./handoff.ts";
export * from "./node-life.ts";
export * from "./pace-board.ts";
export * from "./write-down.ts";
