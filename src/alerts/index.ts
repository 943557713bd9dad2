export type { Alert } from "./alert.ts";
export { Alerts } from "./alerts.ts";
export { sweepAlerts } from "./rows.ts";
