import type { Told } from "../book.ts";
import type { Letter, System } from "./system.ts";
import { type Call, mandrillCall, sendgridCall } from "./vendor-calls.ts";

/**
 * Symfony Mailer's `failover(…)` and `roundrobin(…)`, which are also Laravel's mailers of these names
 * (Illuminate\Mail\MailManager, createFailoverTransport and createRoundrobinTransport). The policy is restated from
 * symfony/mailer 5fa118e, Transport/RoundRobinTransport.php, and symfony/symfony 37265de, Transport/FailoverTransport.php;
 * what is a failure from 002165c, Bridge/Mailchimp/Transport/MandrillApiTransport.php: any status but 200, no answer
 * within PHP's default_socket_timeout of 60 s. Of a 200 only the message's id is read.
 *
 * Kinder than life: one process lives for the whole run and remembers which transport is dead. A PHP that ends with
 * each request forgets it.
 */
const RETRY_PERIOD_MS = 60_000;
const TIMEOUT_MS = 60_000;

type Transport = { call: Call; fine: number };

export class RoundRobin {
  readonly #transports: readonly Transport[];
  readonly #now: () => number;
  readonly #dead = new Map<Transport, number>();
  #cursor = 0;

  /** Symfony draws the first place by lot, in `failover` it is 0; here it is 0 in both. */
  constructor(transports: readonly Transport[], now: () => number) {
    this.#transports = transports;
    this.#now = now;
  }

  async send(letter: Letter): Promise<Told> {
    for (let transport = this.next(); transport; transport = this.next()) {
      try {
        const { status } = await transport.call(letter, AbortSignal.timeout(TIMEOUT_MS));
        if (status === transport.fine) return "accepted";
      } catch {
        // A connection that broke, or an answer that did not come.
      }
      this.#dead.set(transport, this.#now());
    }
    return "refused";
  }

  protected isDead(transport: Transport): boolean {
    return this.#dead.has(transport);
  }

  protected next(): Transport | null {
    let cursor = this.#cursor;
    let transport: Transport;
    for (;;) {
      transport = this.#transports[cursor]!;
      const diedAt = this.#dead.get(transport);
      if (diedAt === undefined) break;
      if (this.#now() - diedAt > RETRY_PERIOD_MS) {
        this.#dead.delete(transport);
        break;
      }
      cursor = this.#after(cursor);
      if (cursor === this.#cursor) return null;
    }
    this.#cursor = this.#after(cursor);
    return transport;
  }

  #after(cursor: number): number {
    return (cursor + 1) % this.#transports.length;
  }
}

/** Stays with the transport that worked, also when the first one has long been well again. */
export class Failover extends RoundRobin {
  #current: Transport | null = null;

  protected override next(): Transport | null {
    if (this.#current === null || this.isDead(this.#current)) this.#current = super.next();
    return this.#current;
  }
}

function symfony(name: string, title: string, spreads: boolean, Policy: typeof RoundRobin): System {
  return {
    name,
    title,
    made: "policy restated from Symfony Mailer's source",
    spreads,
    keeps: false,
    missing: () => null,
    async start({ pair: { primary, standby } }) {
      const transports: Transport[] = [
        { call: mandrillCall(primary), fine: 200 },
        { call: sendgridCall(standby), fine: 202 },
      ];
      const policy = new Policy(transports, () => performance.now());
      return { version: "symfony/mailer 5fa118e", send: (letter) => policy.send(letter) };
    },
  };
}

export const symfonyFailover = symfony("symfony-failover", "Symfony/Laravel failover", false, Failover);
export const symfonyRoundRobin = symfony("symfony-roundrobin", "Symfony/Laravel roundrobin", true, RoundRobin);
