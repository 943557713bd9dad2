export { groupOf } from "./evidence/receivers.ts";
export { answerOf, openOrders, placeOrder, type Order, type OrderKind } from "./orders.ts";
export type * from "./ports.ts";
export { Redrive, placeRedrive } from "./redrive/index.ts";
export { Respond } from "./respond.ts";
export { personOf } from "./two-people.ts";
export * from "./calibrate/index.ts";
