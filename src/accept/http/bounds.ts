import type { Limits } from "../../config/index.ts";

/** Bounds of the door itself, each with its reason. Those of a message are in config/defaults.ts. */
export const HTTP_BOUNDS = {
  /** An idle keep-alive connection costs some 30 KB: 1,000 are 30 MB, and below the usual 1,024 open files of a shell. */
  connections: 1_000,
  /** A header section comes in one packet; 10 s leave room for a bad line and none for a client that drips. */
  headersTimeoutMs: 10_000,
  /** The greatest request (14 MiB) at 1 Mbit/s. */
  requestTimeoutMs: 120_000,
  /** Not one octet either way for so long: gone. */
  idleTimeoutMs: 60_000,
  /** Longer than the 60 s after which most load balancers drop an idle connection would let them use one we just closed. */
  keepAliveTimeoutMs: 65_000,
  /** How often Node looks for connections past their time. */
  checkEveryMs: 5_000,
  /** Of the header section: credentials, a key and 50 recipients fit in less. */
  headerBytes: 16 * 1024,
  /** Of a body that brings no mail: an address and a reason. Those are not counted among the bytes in memory. */
  plainBodyBytes: 16 * 1024,
  /** One group commit of the queue. */
  batchItems: 100,
  /** A page of summaries with 50 recipients each stays below 1 MiB. */
  pageItems: 200,
  /** Faults told at once: enough to mend a form, not enough to make our answer a burden. */
  faults: 20,
} as const;
export type HttpBounds = { readonly [Name in keyof typeof HTTP_BOUNDS]: number };

const KIB = 1024;

/**
 * Octets of a JSON request: a message of the greatest size in base64 (4 for 3), and what stands around it.
 * The same for a batch: what is large goes alone.
 */
export const jsonBytes = (limits: Limits): number => Math.ceil((limits.messageBytes * 4) / 3) + 64 * KIB;
