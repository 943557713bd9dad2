/**
 * Vendors' words in their logs for "the receiving server has it". Mandrill and Postmark have no better one than "sent" for
 * what did not bounce; so has nobody who asks them.
 */
const WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  mandrill: new Set(["sent", "delivered"]),
  postmark: new Set(["sent", "delivered"]),
};
const DELIVERED: ReadonlySet<string> = new Set(["delivered"]);

/** @param kind of the provider. @param state as its log has it */
export const saysDelivered = (kind: string, state: string): boolean =>
  (WORDS[kind] ?? DELIVERED).has(state.toLowerCase());
