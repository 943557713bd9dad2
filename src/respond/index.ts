export { groupOf } from "./evidence/receivers.ts";
export { answerOf, openOrders, personOf, placeOrder, type Order, type OrderKind } from "./orders.ts";
export type * from "./ports.ts";
export { Redrive, placeRedrive } from "./redrive/index.ts";
export { Respond } from "./respond.ts";
export * from "./calibrate/index.ts";
