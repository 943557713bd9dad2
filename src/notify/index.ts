export { publicKeyText } from "./dialects/index.ts";
export { createEgress, type Egress, type PostAnswer } from "./egress/index.ts";
export { type Notifier, startNotifier } from "./notifier.ts";
export { signedHeaders } from "./sign.ts";
export { answerText, isTaken } from "./verdict.ts";
export { sweepDeliveries } from "./sweep-deliveries.ts";
