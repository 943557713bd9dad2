export type * from "./account.ts";
export * from "./deliver.ts";
export type * from "./dialect.ts";
export * from "./faults.ts";
export type * from "./insider.ts";
export * from "./notice-secrets.ts";
export { sesCertificate } from "./ses-notice.ts";
export * from "./twin.ts";
export * from "./twin-modes.ts";
