import type { BlockList } from "node:net";
import { type Clock, MINUTE_MS, type Random, SECOND_MS } from "../../kernel/index.ts";
import { type Addresses, addressesOf } from "./addresses.ts";
import { BoundedMap } from "./bounded-map.ts";
import type { Ask } from "./dns/answers.ts";
import { isName, type MailHosts, mailHostsOf } from "./mail-hosts.ts";
import type { TlsaState } from "./tls/demand.ts";
import type { StsFound, StsStore } from "./tls/sts-store.ts";

/** What is known of the way to one domain. Hosts are looked up when their turn comes. */
export type DomainRoute = { hosts: MailHosts; sts: StsFound; host(name: string): Promise<MailHost> };
export type MailHost = { name: string; where: Addresses; tlsa: TlsaState };

/** A resolver keeps answers as well; this spares the questions of a burst to one domain. */
const KEPT_MS = MINUTE_MS;
const DOMAINS = 2_000;

export type RouteParts = {
  ask: Ask;
  sts: StsStore;
  clock: Clock;
  random: Random;
  permitted: BlockList;
  /** Our own name, lower case. */
  own: string;
};

/** The ways to domains, each kept as long as its records may be, at most KEPT_MS, and not at all where a lookup failed. */
export class Routes {
  readonly #parts: RouteParts;
  readonly #kept = new BoundedMap<string, { route: DomainRoute; untilMs: number }>(DOMAINS);

  constructor(parts: RouteParts) {
    this.#parts = parts;
  }

  async to(domain: string): Promise<DomainRoute> {
    const { ask, sts, clock, random, own } = this.#parts;
    const kept = this.#kept.get(domain);
    if (kept && clock.monotonicMs() < kept.untilMs) return kept.route;
    const fraction = () => random.fraction();
    const [hosts, found] = await Promise.all([mailHostsOf(domain, ask, { own, fraction }), sts.policyOf(domain)]);
    const looked = new Map<string, Promise<MailHost>>();
    const authentic = hosts.kind === "hosts" && hosts.authentic;
    const route: DomainRoute = {
      hosts,
      sts: found,
      host: (name) => {
        let host = looked.get(name);
        if (!host) {
          host = this.#lookUp(name, domain, authentic);
          looked.set(name, host);
        }
        return host;
      },
    };
    const ttlS = hosts.kind === "hosts" ? hosts.ttlS : 0;
    if (ttlS > 0) this.#kept.set(domain, { route, untilMs: clock.monotonicMs() + Math.min(ttlS * SECOND_MS, KEPT_MS) });
    return route;
  }

  #keepFor(domain: string, ttlS: number): void {
    const kept = this.#kept.get(domain);
    if (kept) kept.untilMs = Math.min(kept.untilMs, this.#parts.clock.monotonicMs() + ttlS * SECOND_MS);
  }

  async #lookUp(name: string, domain: string, isListAuthentic: boolean): Promise<MailHost> {
    const { ask, permitted } = this.#parts;
    const where = await addressesOf(name, ask, permitted);
    const canDane = isListAuthentic && where.kind === "addresses" && where.authentic;
    const tlsa: TlsaState = canDane ? await tlsaOf(name, where.canonical, ask) : { kind: "none" };
    this.#keepFor(domain, where.kind === "addresses" && tlsa.kind !== "failed" ? where.ttlS : 0);
    return { name, where, tlsa };
  }
}

/**
 * RFC 7672 §2.2.3: at the name that aliases lead to, then at the host's own. Only answers that are proven count; one
 * that fails must not be taken for "none" (RFC 7672 §2.1.2).
 */
async function tlsaOf(name: string, canonical: string, ask: Ask): Promise<TlsaState> {
  for (const base of new Set([canonical, name].filter(isName))) {
    const answer = await ask(`_25._tcp.${base}`, "TLSA");
    if (answer.kind === "failed") return { kind: "failed" };
    if (answer.kind === "records" && answer.authentic) return { kind: "records", records: answer.records, base };
  }
  return { kind: "none" };
}
