export * from "./account.ts";
export * from "./catalog.ts";
export * from "./provider.ts";
export { LIMITS_OF_THE_PROVIDER } from "./smtp/index.ts";
export type * from "./events.ts";
export { secretsIn } from "./receiver-config.ts";
export { httpStatusOf, type NoticeKind, NOTICE_READERS, readerOfRecording, RECEIVERS } from "./webhooks.ts";
export { examineWayOut, type WayOutFound } from "./direct-mx/index.ts";
