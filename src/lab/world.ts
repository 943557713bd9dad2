import { createServer } from "node:net";
import type { Address, ApiKind } from "../config/index.ts";
import type { Clock, Log } from "../kernel/index.ts";
import { type LabDns, startLabDns } from "./dns/index.ts";
import type { LabInbox } from "./inbox.ts";
import { PostOffice, RELAY, Relay, SENDING, SendingDomains, Valve } from "./outbound/index.ts";
import { type Receiving, startReceiving } from "./receiving/index.ts";
import type { SessionPeer } from "./smtp/session.ts";

export type LabWorldParts = { inbox: LabInbox; clock: Clock; log: Log; changed: () => void };

/** Everything outside of Postern and its providers, on loopback: names, the receiving server, and how mail gets there. */
export type LabWorld = {
  dns: LabDns;
  receiving: Receiving;
  /** The outgoing side of a provider; a vendor's way of sending, or a relay's for `smtp`. One per name. */
  postOffice(name: string, kind: ApiKind | "smtp"): PostOffice;
  /** The outgoing side of a provider that only relays: takes mail at once and carries it behind the answer. */
  relay(name: string): Relay;
  /** From now on mail to that domain goes to another receiving server on this machine. */
  deliverTo(domain: string, address: Address): void;
  stop(): Promise<void>;
};

/** Each provider's server has an address of its own, 127.0.10.1, 127.0.11.1 and so on: SPF tells them apart. */
const FIRST_NET = 10;

/** @throws when the nameserver or the receiving server cannot listen; then nothing of it runs. */
export async function startLabWorld({ inbox, clock, log, changed }: LabWorldParts): Promise<LabWorld> {
  const dns = await startLabDns();
  const offices = new Map<string, PostOffice>();
  const elsewhere = new Map<string, Address>();
  const carrierOf = ({ address, helo }: SessionPeer): string | null => {
    for (const [name, { vendor }] of offices) if (vendor.address === address && vendor.host === helo) return name;
    return null;
  };
  try {
    const receiving = await startReceiving({ dns, inbox, clock, log, changed, carrierOf });
    const domains = new SendingDomains(dns.zone);
    const valve = new Valve({ inbox, clock, changed });
    const hasAddresses = await canBind(`127.0.${FIRST_NET}.1`);
    const world: LabWorld = {
      dns,
      receiving,
      postOffice(name, kind) {
        const known = offices.get(name);
        if (known) return known;
        const domain = `${name}.example`;
        // Where loopback has one address only (macOS), all share it, and SPF passes for each of them.
        const address = hasAddresses ? `127.0.${FIRST_NET + offices.size}.1` : "127.0.0.1";
        const vendor = { name, domain, host: `out.${domain}`, address };
        domains.addVendor(vendor);
        const sending = kind === "smtp" ? RELAY : (SENDING[kind] ?? RELAY);
        const { address: to, certificate } = receiving;
        const office = new PostOffice({ vendor, sending, domains, valve, to, certificate, elsewhere });
        offices.set(name, office);
        return office;
      },
      relay: (name) => new Relay({ office: world.postOffice(name, "smtp"), valve, log }),
      deliverTo(domain, address) {
        elsewhere.set(domain.toLowerCase(), address);
        dns.zone.set(domain, "MX", { preference: 10, exchange: `mx.${domain}` });
        dns.zone.set(`mx.${domain}`, "A", address.host);
      },
      async stop() {
        for (const office of offices.values()) office.close();
        await receiving.stop();
        await dns.stop();
      },
    };
    return world;
  } catch (error) {
    await dns.stop();
    throw error;
  }
}

const canBind = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
