export { SendingDomains, type VendorNames } from "./domains.ts";
export { type Outgoing, PostOffice } from "./post-office.ts";
export { Relay } from "./relay.ts";
export { RELAY, SENDING } from "./vendors.ts";
export { Valve } from "./valve.ts";
