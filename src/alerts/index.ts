export { acknowledge } from "./acknowledge.ts";
export type { Alert } from "./alert.ts";
export { Alerts } from "./alerts.ts";
export { type ShownAlert, findAlert, listAlerts } from "./rows/list-alerts.ts";
export { sweepAlerts } from "./rows/sweep-alerts.ts";
export { alertsTenant, othersThan } from "./tenant.ts";
export { placeTest } from "./test-alert.ts";
export { titleOf, wordingOf } from "./wording.ts";
