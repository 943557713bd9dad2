import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { LabZone } from "../dns/index.ts";
import type { Sending } from "./vendors.ts";

/** What nodemailer signs with. */
export type SigningKey = { domainName: string; keySelector: string; privateKey: string };

/** One vendor as the DNS knows it. */
export type VendorNames = { name: string; domain: string; host: string; address: string };

const makeKeyPair = promisify(generateKeyPair);

/**
 * What the owners of domains have put into the lab's DNS for the vendors that send for them, and the vendors' keys for it.
 * Keys are made when the first mail is signed, in the background: eight of them at the start would hold it up by a second.
 */
export class SendingDomains {
  readonly #zone: LabZone;
  /** By domain: the vendors whose servers its SPF record names. */
  readonly #spf = new Map<string, Set<string>>();
  readonly #keys = new Map<string, Promise<SigningKey>>();
  readonly #setUp = new Set<string>();

  constructor(zone: LabZone) {
    this.#zone = zone;
  }

  /** A vendor's own names: the address of its server, and SPF for it. */
  addVendor({ domain, host, address }: VendorNames): void {
    this.#zone.set(host, "A", address);
    this.#zone.set(`${address.split(".").toReversed().join(".")}.in-addr.arpa`, "PTR", host);
    this.#zone.set(host, "TXT", "v=spf1 a -all"); // RFC 7208 §10.1.3: for what has no return path
    this.#zone.set(domain, "TXT", `v=spf1 ip4:${address} -all`);
  }

  /**
   * What the owner of a domain does so that a vendor may send for it: names it in SPF, and asks the world to refuse what
   * neither SPF nor DKIM speaks for. The key follows with the first mail.
   */
  setUp(domain: string, vendor: VendorNames, sending: Sending): void {
    this.#setUp.add(`${vendor.name} ${domain}`);
    this.#zone.set(`_dmarc.${domain}`, "TXT", "v=DMARC1; p=reject");
    this.#includeInSpf(domain, vendor.domain);
    if (sending.bounceHost === "" || sending.bounceHost === null) return;
    this.#includeInSpf(`${sending.bounceHost}.${domain}`, vendor.domain);
  }

  isSetUp(domain: string, { name }: VendorNames): boolean {
    return this.#setUp.has(`${name} ${domain}`);
  }

  /** The vendor's key for a domain, its own included. Once given, it can be found in the DNS. */
  keyFor(domain: string, vendor: VendorNames, sending: Sending): Promise<SigningKey> {
    // Two relays sign under one selector: its name in the DNS holds one key, so they share it.
    const id = sending.isDelegated ? `${vendor.name} ${domain}` : `${sending.selector} ${domain}`;
    const known = this.#keys.get(id);
    if (known) return known;
    const made = this.#makeKey(domain, vendor, sending);
    this.#keys.set(id, made);
    return made;
  }

  async #makeKey(domain: string, vendor: VendorNames, { selector, isDelegated }: Sending): Promise<SigningKey> {
    const { publicKey, privateKey } = await makeKeyPair("rsa", {
      modulusLength: 2048, // RFC 8301 §3.2
      publicKeyEncoding: { type: "spki", format: "der" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const name = `${selector}._domainkey.${domain}`;
    const isPointer = isDelegated && domain !== vendor.domain;
    const place = isPointer ? `${selector}.${domain}.dkim.${vendor.domain}` : name;
    if (isPointer) this.#zone.set(name, "CNAME", place);
    this.#zone.set(place, "TXT", `v=DKIM1; k=rsa; p=${publicKey.toString("base64")}`); // RFC 6376 §3.6.1
    return { domainName: domain, keySelector: selector, privateKey };
  }

  #includeInSpf(name: string, vendorDomain: string): void {
    const vendors = this.#spf.get(name) ?? new Set<string>();
    this.#spf.set(name, vendors.add(vendorDomain));
    // RFC 7208 §4.6.4 allows ten look-ups; eight providers is what the lab has.
    this.#zone.set(name, "TXT", `v=spf1 ${[...vendors].map((one) => `include:${one}`).join(" ")} -all`);
  }
}
