import { Resolver } from "node:dns/promises";
import type { Ask, DnsAnswer, RecordType } from "./answers.ts";

const TIMEOUT_MS = 2_500;
const TRIES = 2;
/** node:dns tells no TTL of most types; this long nobody minds. */
const TTL_S = 30;

/** The system's own resolvers, through c-ares. Nobody there tells whether an answer is authentic, so none is. */
export function systemResolver(): Ask {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  return async <Type extends RecordType>(name: string, type: Type): Promise<DnsAnswer<Type>> => {
    if (type === "TLSA") return { kind: "none", exists: true, authentic: false, ttlS: TTL_S };
    try {
      const found = await resolver.resolve(name, type);
      const records = (found as unknown[]).map((one) => RECORD[type as Exclude<RecordType, "TLSA">](one));
      return { kind: "records", records: records as never, canonical: name, authentic: false, ttlS: TTL_S };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (code === "ENOTFOUND" || code === "ENODATA")
        return { kind: "none", exists: code === "ENODATA", authentic: false, ttlS: TTL_S };
      return { kind: "failed", reason: code === "ETIMEOUT" ? "timeout" : "refused" };
    }
  };
}

const RECORD = {
  MX: (one: unknown) => {
    const { priority, exchange } = one as { priority: number; exchange: string };
    return { preference: priority, exchange: exchange.replace(/\.$/, "").toLowerCase() };
  },
  A: (one: unknown) => one as string,
  AAAA: (one: unknown) => one as string,
  TXT: (one: unknown) => (one as string[]).join(""),
};
