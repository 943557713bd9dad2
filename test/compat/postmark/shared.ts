import { DOMAIN } from "../world.ts";

export const EMAIL = { From: `hello@${DOMAIN}`, To: "ada@example.com", Subject: "Confirm", TextBody: "Click" };
/** One the tenant has. */
export const STREAM = "confirmations";
export const notSupported = (error: unknown): boolean => /not supported by this server/.test(String(error));
