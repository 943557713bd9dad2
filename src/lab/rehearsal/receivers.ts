import type { Clock } from "../../kernel/index.ts";
import type { SentMessage } from "../twins/index.ts";

/** One copy of a message at the server of its recipient. `dateAt`: what its Date says; null where the vendor writes that field. */
export type Arrival = { recipient: string; provider: string; at: number; hasSecret: boolean; dateAt: number | null };

/**
 * The mail servers of everybody the application writes to, in memory: what arrives is counted by its recipient, and each
 * message of the application has a recipient of its own. Canaries are not taken here: they go through the world to the
 * server that waits for them.
 */
export class Receivers {
  readonly #clock: Clock;
  readonly #isCounted: (recipient: string) => boolean;
  readonly #byRecipient = new Map<string, Arrival[]>();
  readonly #goesThrough: (recipient: string) => boolean;
  /** Called for each copy. */
  onArrival: (arrival: Arrival) => void = () => {};

  /** @param parts.goesThrough counted here, it goes on to be signed, carried by SMTP and checked by the lab's receiving server */
  constructor(parts: {
    clock: Clock;
    isCounted: (recipient: string) => boolean;
    goesThrough: (recipient: string) => boolean;
  }) {
    this.#clock = parts.clock;
    this.#isCounted = parts.isCounted;
    this.#goesThrough = parts.goesThrough;
  }

  receive(provider: string, message: SentMessage): readonly string[] | null {
    const ours = message.recipients.filter(this.#isCounted);
    if (ours.length === 0) return null;
    for (const recipient of ours) {
      const arrival = {
        recipient,
        provider,
        at: this.#clock.now(),
        hasSecret: holdsSecret(message),
        dateAt: dateOf(message),
      };
      const copies = this.#byRecipient.get(recipient);
      if (copies) copies.push(arrival);
      else this.#byRecipient.set(recipient, [arrival]);
      this.onArrival(arrival);
    }
    return ours.some(this.#goesThrough) ? null : [];
  }

  copiesOf(recipient: string): readonly Arrival[] {
    return this.#byRecipient.get(recipient) ?? [];
  }
}

/** Planted in the text of every secret, and looked for where no secret may be. */
export const SECRET_MARK = "rehearsal-secret-";

const holdsSecret = ({ raw, fields }: SentMessage): boolean =>
  raw?.includes(SECRET_MARK) === true || JSON.stringify(fields).includes(SECRET_MARK);

function dateOf({ raw, outgoing }: SentMessage): number | null {
  const date = /^Date: *(.+)$/im.exec((outgoing ?? raw)?.toString("latin1") ?? "")?.[1];
  return date === undefined ? null : Date.parse(date);
}
