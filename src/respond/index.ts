export { answerOf, openOrders, personOf, placeOrder, type Order, type OrderKind } from "./orders.ts";
export type * from "./ports.ts";
export { Respond } from "./respond.ts";
