export { type AskDns, resolverOf } from "./resolver.ts";
export { type LabDns, startLabDns } from "./start-lab-dns.ts";
export type { DnsFault, LabRecordType, LabZone, RecordData } from "./zone.ts";
