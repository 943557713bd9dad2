export { ownAddresses, whyDenied } from "./denied.ts";
