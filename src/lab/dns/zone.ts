import type { MxData, TlsaData } from "dns-packet";

/** What a record of each type holds. TXT is one text whatever its length: it is cut into strings of 255 octets on the way out. */
export type RecordData = {
  A: string;
  AAAA: string;
  CNAME: string;
  MX: Required<MxData>;
  PTR: string;
  TLSA: TlsaData;
  TXT: string | Buffer;
};
export type LabRecordType = keyof RecordData;
type RecordSets = { [Type in LabRecordType]?: readonly RecordData[Type][] };

/** servfail: an answer that says "I failed" (RCODE 2) · no-answer: the query is read and nothing comes back. */
export type DnsFault = "servfail" | "no-answer";

/** What is known of one name for one type. `alias`: look there (RFC 1034 §3.6.2). */
export type Looked =
  | { kind: "records"; type: LabRecordType; data: readonly unknown[] }
  | { kind: "alias"; to: string }
  | { kind: "no-data" }
  | { kind: "no-name" };

/** Names without their last dot, in lower case: RFC 4343 §3 compares without case. */
const plain = (name: string): string => name.replace(/\.$/, "").toLowerCase();

const isUnder = (name: string, domain: string): boolean =>
  domain === "" || name === domain || name.endsWith(`.${domain}`);

/**
 * The records of the lab, all in one place: whatever is asked is looked for here, so there is no delegation and no root.
 * Changes count from the next query on. `*.example.com` speaks for names below it that are not there (RFC 4592 §2.1).
 */
export class LabZone {
  readonly #names = new Map<string, RecordSets>();
  readonly #everywhere: RecordSets = {};
  readonly #faults = new Map<string, DnsFault>();
  readonly #signed = new Set<string>();

  /** These are all records of that name and type; those before are gone. */
  set<Type extends LabRecordType>(name: string, type: Type, ...data: RecordData[Type][]): void {
    const key = plain(name);
    if (data.length === 0) return this.remove(key, type);
    const sets: RecordSets = { ...this.#names.get(key), [type]: data };
    this.#names.set(key, sets);
  }

  /** Every name there is has these, where it has none of its own. No real zone can say that; a lab can. */
  setEverywhere<Type extends LabRecordType>(type: Type, ...data: RecordData[Type][]): void {
    Object.assign(this.#everywhere, { [type]: data });
  }

  /** Takes one type away, or the whole name. */
  remove(name: string, type?: LabRecordType): void {
    const key = plain(name);
    const sets = this.#names.get(key);
    if (sets && type) delete sets[type];
    if (!type || !sets || Object.keys(sets).length === 0) this.#names.delete(key);
  }

  /** For that name alone, whatever type is asked for; null mends it. */
  setFault(name: string, fault: DnsFault | null): void {
    if (fault === null) this.#faults.delete(plain(name));
    else this.#faults.set(plain(name), fault);
  }

  faultOf(name: string): DnsFault | null {
    return this.#faults.get(plain(name)) ?? null;
  }

  /**
   * From now on answers about `domain` and all below it are called authentic (or not): what a validating resolver says
   * of a domain with a good DNSSEC chain. "" is every domain.
   */
  setSigned(domain: string, isSigned: boolean): void {
    if (isSigned) this.#signed.add(plain(domain));
    else this.#signed.delete(plain(domain));
  }

  isSigned(name: string): boolean {
    const key = plain(name);
    for (const domain of this.#signed) if (isUnder(key, domain)) return true;
    return false;
  }

  look(name: string, type: string): Looked {
    const key = plain(name);
    const sets = this.#names.get(key) ?? this.#wildcardFor(key);
    const own = sets && ownOf(sets, type);
    if (own) return own;
    return ownOf(this.#everywhere, type) ?? (sets || this.#exists(key) ? { kind: "no-data" } : { kind: "no-name" });
  }

  /** A name with something below it is there too, with nothing at it (RFC 8020 §2). */
  #exists(key: string): boolean {
    if (this.#names.has(key)) return true;
    for (const name of this.#names.keys()) if (isUnder(name, key)) return true;
    return false;
  }

  /** The wildcard at the closest name above that exists, and no other (RFC 4592 §3.3.1). */
  #wildcardFor(key: string): RecordSets | undefined {
    if (this.#exists(key)) return undefined;
    for (let above = key; above !== "";) {
      above = above.includes(".") ? above.slice(above.indexOf(".") + 1) : "";
      if (above === "") return this.#names.get("*");
      if (this.#exists(above)) return this.#names.get(`*.${above}`);
    }
    return undefined;
  }
}

function ownOf(sets: RecordSets, type: string): Looked | undefined {
  if (type !== "CNAME" && sets.CNAME?.[0] !== undefined) return { kind: "alias", to: sets.CNAME[0] };
  const known = type as LabRecordType;
  const data = Object.hasOwn(sets, type) ? sets[known] : undefined;
  return data && { kind: "records", type: known, data };
}
