export { type Notifier, type NotifierParts, startNotifier } from "./notifier.ts";
export { sweepDeliveries } from "./sweep-deliveries.ts";
