export { authenticationLine, type Authentication, dmarcLabel, type Receipt } from "./receipt.ts";
export { type Receiving, startReceiving } from "./start-receiving.ts";
