export { startSmtpDoor } from "./door.ts";
/** One session without a network, for whoever brings octets another way. */
export { type Client as SmtpClient, Session as SmtpSession } from "./session.ts";
export { type DoorFacts as SmtpDoorFacts, doorFacts as smtpDoorFacts } from "./dialog.ts";
export type { Wire as SmtpWire } from "./wire.ts";
