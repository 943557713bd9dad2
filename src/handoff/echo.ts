import type { MessageClass, Outcome } from "../mail/index.ts";

/** Runs that could be a code, a token or a part of a link. */
const WORD = /[A-Za-z0-9_-]{4,}/g;
/** A recipient as a URL writes it; plain addresses are taken out where the reply is read. */
const ENCODED_ADDRESS = /[A-Za-z0-9._%+-]{1,64}%40[A-Za-z0-9.-]{1,255}/gi;
const LONG_WORD = 20;
/** `5.7.1 550 4.2.0`: digits that say what kind of refusal it is. */
const isSecretLike = (word: string): boolean =>
  (/\d/.test(word) && !/^\d{1,3}$/.test(word)) || word.length >= LONG_WORD;

/**
 * Takes out of a provider's words what it repeats of the message. They are kept in rows and told to webhooks, long after
 * the text is gone; filters like to quote the line or the link they did not like. Of a secret (C0) every word that could
 * be one goes, as the text may be encoded in ways nobody undoes here; of others those that stand in the text.
 */
export function withoutEcho(outcome: Outcome, messageClass: MessageClass, raw: Buffer): Outcome {
  const { diagnostic } = outcome;
  if (diagnostic === undefined || (outcome.kind === "accepted" && messageClass !== "C0")) return outcome;
  const said = diagnostic
    .replace(ENCODED_ADDRESS, "[address]")
    .replace(WORD, (word) =>
      isSecretLike(word) && (messageClass === "C0" || raw.includes(word, 0, "latin1")) ? "[…]" : word,
    );
  return said === diagnostic ? outcome : { ...outcome, diagnostic: said };
}
