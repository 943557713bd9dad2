export { publicKeyText } from "./dialects/index.ts";
export { createEgress } from "./egress/index.ts";
export { type Notifier, startNotifier } from "./notifier.ts";
export { sweepDeliveries } from "./sweep-deliveries.ts";
