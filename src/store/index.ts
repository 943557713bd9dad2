export * from "./binary.ts";
export * from "./database.ts";
