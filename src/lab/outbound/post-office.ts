import { createTransport } from "nodemailer";
import DKIM from "nodemailer/lib/dkim";
import { type Address, isLoopback } from "../../config/index.ts";
import { addressesOf, headerValue, readHeader } from "../../mail/index.ts";
import type { SendingDomains, SigningKey, VendorNames } from "./domains.ts";
import type { Valve } from "./valve.ts";
import type { Sending } from "./vendors.ts";

/** Mail that leaves a provider. `returnPath` null: the vendor's own, made of `id`. */
export type Outgoing = { id: string; raw: Buffer; recipients: readonly string[]; returnPath: string | null };

export type PostOfficeParts = {
  vendor: VendorNames;
  sending: Sending;
  domains: SendingDomains;
  valve: Valve;
  to: Address;
  /** The certificate the receiving server shows, in PEM. */
  certificate: string;
  /** Domains with a receiving server of their own on this machine, and where it listens. */
  elsewhere?: ReadonlyMap<string, Address>;
};

/** Two at a time keep the order nearly and need no more handshakes than that. */
const CONNECTIONS = 2;
const RECIPIENTS = 100; // RFC 5321 §4.5.3.1.8: what every server takes at once

/**
 * A provider's outgoing side: signs and hands over to the receiving server of the lab, from an address of its own.
 * 1. The author's domain is signed for where the owner set it up in the DNS and `mayUse` knows it; else only the vendor's
 *    own domain is, for its own reputation, and DMARC fails.
 * 2. Over TLS to the receiving server, under the vendor's name and return path.
 * Standards: RFC 6376 §5 (signing by nodemailer), RFC 5321.
 */
export class PostOffice {
  readonly vendor: VendorNames;
  readonly #parts: PostOfficeParts;
  readonly #transport;
  readonly #others = new Map<string, ReturnType<typeof createTransport>>();

  constructor(parts: PostOfficeParts) {
    this.#parts = parts;
    this.vendor = parts.vendor;
    const { to, certificate, vendor } = parts;
    if (!isLoopback(to.host)) throw new Error(`mail of the lab stays on this machine; ${to.host} is elsewhere`);
    this.#transport = createTransport({
      pool: true,
      maxConnections: CONNECTIONS,
      ...to,
      name: vendor.host,
      localAddress: vendor.address,
      requireTLS: true,
      tls: { ca: certificate, servername: "mx.lab.test" },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** What the owner of `domain` does in the DNS so that this provider may send for it. */
  setUp(domain: string): void {
    this.#parts.domains.setUp(domain.toLowerCase(), this.vendor, this.#parts.sending);
  }

  /**
   * @param mayUse Whether the account at the vendor holds that domain.
   * @returns the recipients that the receiving server refused.
   * @throws when it could not be reached, or refused the message.
   */
  async send(mail: Outgoing, mayUse: (domain: string) => boolean = () => true): Promise<string[]> {
    const { valve } = this.#parts;
    const domain = this.#signingDomain(authorDomain(mail.raw), mayUse);
    const from = mail.returnPath ?? this.#returnPath(mail.id, domain);
    const [recipients, others] = this.#sorted(mail.recipients);
    const refused: string[] = [];
    if (others.size > 0) {
      const raw = await signed(mail.raw, await this.#keys(domain));
      for (const [place, to] of others)
        refused.push(...(await this.#transfer(from, to, raw, this.#transportTo(place))));
      if (recipients.length === 0) return refused;
    }
    if (!valve.enter(mail.raw.length)) {
      valve.putAside(this.vendor.name, { ...mail, recipients, returnPath: from });
      return refused;
    }
    try {
      const raw = await signed(mail.raw, await this.#keys(domain));
      for (let at = 0; at < recipients.length; at += RECIPIENTS)
        refused.push(...(await this.#transfer(from, recipients.slice(at, at + RECIPIENTS), raw)));
      return refused;
    } finally {
      valve.left(mail.raw.length);
    }
  }

  /** The domain of a recipient decides where it goes; most go to the one receiving server of the lab. */
  #sorted(all: readonly string[]): [recipients: string[], others: Map<Address, string[]>] {
    const { elsewhere } = this.#parts;
    const others = new Map<Address, string[]>();
    if (!elsewhere || elsewhere.size === 0) return [[...all], others];
    const recipients: string[] = [];
    for (const one of all) {
      const place = elsewhere.get(one.slice(one.lastIndexOf("@") + 1).toLowerCase());
      if (place) others.set(place, [...(others.get(place) ?? []), one]);
      else recipients.push(one);
    }
    return [recipients, others];
  }

  #transportTo({ host, port }: Address): ReturnType<typeof createTransport> {
    if (!isLoopback(host)) throw new Error(`mail of the lab stays on this machine; ${host} is elsewhere`);
    const key = `${host}:${port}`;
    const { host: name, address: localAddress } = this.vendor;
    // Opportunistic, as between mail servers (RFC 7435): nobody has told which certificate to expect.
    const made =
      this.#others.get(key) ?? createTransport({ host, port, name, localAddress, tls: { rejectUnauthorized: false } });
    this.#others.set(key, made);
    return made;
  }

  async #transfer(
    from: string,
    to: string[],
    raw: Buffer,
    transport: Pick<ReturnType<typeof createTransport>, "sendMail"> = this.#transport,
  ): Promise<string[]> {
    try {
      // RFC 6152: what is handed on may hold octets above 127.
      const { rejected } = await transport.sendMail({ envelope: { from, to, use8BitMime: true }, raw });
      return rejected.map(String);
    } catch (error) {
      const { code, rejected } = error as { code?: unknown; rejected?: unknown };
      if (code === "EENVELOPE" && Array.isArray(rejected)) return rejected.map(String); // every one of them
      throw error;
    }
  }

  /** Ends its connections. */
  close(): void {
    this.#transport.close();
  }

  async #keys(domain: string | null): Promise<SigningKey[]> {
    const { domains, sending } = this.#parts;
    const own = domain === null || sending.signsTwice ? [this.vendor.domain] : [];
    const names = domain === null ? own : [domain, ...own];
    return Promise.all(names.map((name) => domains.keyFor(name, this.vendor, sending)));
  }

  /** The author's domain, or the one above it that is set up: RFC 6376 §3.5 leaves it to the signer. */
  #signingDomain(author: string, mayUse: (domain: string) => boolean): string | null {
    for (let domain = author; domain.includes("."); domain = domain.slice(domain.indexOf(".") + 1))
      if (this.#parts.domains.isSetUp(domain, this.vendor) && mayUse(domain)) return domain;
    return null;
  }

  #returnPath(id: string, domain: string | null): string {
    const { bounces, bounceHost } = this.#parts.sending;
    const local = bounces(id.replace(/[^A-Za-z0-9-]/g, "").slice(0, 40));
    const host =
      domain === null || bounceHost === null
        ? this.vendor.domain
        : bounceHost === ""
          ? domain
          : `${bounceHost}.${domain}`;
    return `${local}@${host}`;
  }
}

/** The domain of the one author; "" where there is none or several. */
function authorDomain(raw: Buffer): string {
  const header = readHeader(raw, { headerBytes: 1_000_000, headerFields: 1_000 });
  if (!("fields" in header)) return "";
  const [author, ...others] = addressesOf(headerValue(header, "from") ?? "");
  return author === undefined || others.length > 0 ? "" : author.slice(author.lastIndexOf("@") + 1).toLowerCase();
}

async function signed(raw: Buffer, keys: readonly SigningKey[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of new DKIM({ keys: [...keys] }).sign(raw)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
