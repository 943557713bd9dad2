export { SendingDomains } from "./domains.ts";
export { PostOffice } from "./post-office.ts";
export { Relay } from "./relay.ts";
export { RELAY, SENDING } from "./vendors.ts";
export { Valve } from "./valve.ts";
