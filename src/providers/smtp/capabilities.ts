import type { Reply } from "./replies.ts";

/** What a server offers in its answer to EHLO. Asked again on every connection, and again after STARTTLS (RFC 3207 §4.2). */
export type ServerCapabilities = {
  /** RFC 2920. */
  pipelining: boolean;
  /** RFC 1870: octets of the greatest message; 0 offered without a limit, null not offered. */
  sizeBytes: number | null;
  /** RFC 6152. */
  eightBitMime: boolean;
  /** RFC 6531. */
  smtputf8: boolean;
  /** RFC 3461. */
  dsn: boolean;
  /** RFC 3030. */
  chunking: boolean;
  startTls: boolean;
  /** RFC 4954: mechanisms, upper case. */
  auth: readonly string[];
};

export const NO_CAPABILITIES: ServerCapabilities = {
  pipelining: false,
  sizeBytes: null,
  eightBitMime: false,
  smtputf8: false,
  dsn: false,
  chunking: false,
  startTls: false,
  auth: [],
};

/** Reads the lines after the first of an answer to EHLO (RFC 5321 §4.1.1.1); unknown keywords are passed over. */
export function parseCapabilities(reply: Reply): ServerCapabilities {
  const found = { ...NO_CAPABILITIES };
  for (const line of reply.text.split("\n").slice(1)) {
    const [keyword = "", ...values] = line.trim().toUpperCase().split(/[ =]+/); // `AUTH=LOGIN` is an old form still sent
    switch (keyword) {
      case "PIPELINING":
        found.pipelining = true;
        break;
      case "SIZE":
        found.sizeBytes = /^\d{1,15}$/.test(values[0] ?? "") ? Number(values[0]) : 0;
        break;
      case "8BITMIME":
        found.eightBitMime = true;
        break;
      case "SMTPUTF8":
        found.smtputf8 = true;
        break;
      case "DSN":
        found.dsn = true;
        break;
      case "CHUNKING":
        found.chunking = true;
        break;
      case "STARTTLS":
        found.startTls = true;
        break;
      case "AUTH":
        found.auth = [...new Set([...found.auth, ...values])];
        break;
    }
  }
  return found;
}
