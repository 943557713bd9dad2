export * from "./catalog.ts";
export * from "./provider.ts";
export { LIMITS_OF_THE_PROVIDER } from "./smtp/index.ts";
