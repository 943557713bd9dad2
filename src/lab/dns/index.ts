export { type AskDns, resolverOf } from "./resolver.ts";
export { type LabDns, startLabDns } from "./start-lab-dns.ts";
export type { LabZone } from "./zone.ts";
