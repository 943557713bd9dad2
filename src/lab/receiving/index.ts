export { authenticationLine, type Authentication, type Receipt } from "./receipt.ts";
export { type Receiving, startReceiving } from "./start-receiving.ts";
