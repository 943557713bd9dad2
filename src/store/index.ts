export * from "./binary.ts";
export * from "./connect.ts";
export * from "./database.ts";
export * from "./failing-look.ts";
export * from "./migrate.ts";
export * from "./problems.ts";
export * from "./row-watch.ts";
export * from "./embedded/index.ts";
