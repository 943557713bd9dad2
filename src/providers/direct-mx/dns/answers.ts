/** What a server of mail is found by. `TLSA` only where the resolver checks signatures. */
export type Lookups = {
  MX: { preference: number; exchange: string };
  A: string;
  AAAA: string;
  TXT: string;
  TLSA: Tlsa;
};
export type RecordType = keyof Lookups;

/** RFC 6698 §2.1: usage, selector, matching type, and the data to match. */
export type Tlsa = { usage: number; selector: number; matchingType: number; data: Buffer };

/**
 * records: there are some · none: the answer is that there are none, `exists` tells whether the name has others ·
 * failed: nobody knows.
 */
export type DnsAnswer<Type extends RecordType = RecordType> =
  | {
      kind: "records";
      records: Lookups[Type][];
      /** The name they stand at, where aliases led away from the one that was asked for. */
      canonical: string;
      /** The resolver says that signatures prove it (the AD bit). */
      authentic: boolean;
      ttlS: number;
    }
  | { kind: "none"; exists: boolean; authentic: boolean; ttlS: number }
  | { kind: "failed"; reason: "refused" | "timeout" | "malformed" };

export type Ask = <Type extends RecordType>(name: string, type: Type) => Promise<DnsAnswer<Type>>;
