export { NOTICES_PATH } from "./accounts.ts";
export { registerNotices } from "./door.ts";
export { Observer } from "./observer.ts";
export { sweepNotices } from "./sweep-notices.ts";
