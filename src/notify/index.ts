export { type Notifier, startNotifier } from "./notifier.ts";
export { sweepDeliveries } from "./sweep-deliveries.ts";
