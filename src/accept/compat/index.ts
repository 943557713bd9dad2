export type { CompatParts } from "./compat.ts";
export { registerMandrill } from "./mandrill/index.ts";
