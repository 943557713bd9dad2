import { createSecureContext, type SecureContext } from "node:tls";
import type { DirectMxProviderSettings, SmtpProviderSettings } from "../../config/index.ts";
import { Pool, type PoolParts } from "../smtp/pool.ts";
import { BoundedMap } from "./bounded-map.ts";
import { outcomeOfReceiver } from "./outcomes.ts";
import { IN_CLEAR } from "./reports/session.ts";
import type { TlsDemand } from "./tls/demand.ts";
import { peerCheck } from "./tls/peer.ts";

/** Connections to one address under one demand. */
export type Line = {
  pool: Pool;
  /** What was wrong with the last certificate seen; null: nothing. */
  peerFault: string | null;
  /** Until then no TLS is asked for here again: it has none, and nothing demands it. */
  clearUntilMs: number;
};

export type LineTo = {
  address: string;
  host: string;
  domain: string;
  demand: Exclude<TlsDemand, { kind: "unusable" }>;
  /** clear: without TLS, where nothing demands it. */
  channel: "tls" | "clear";
};

/** A line without connections costs a few hundred bytes and goes when others come. */
const LINES = 1_000;

/** Lines to servers, used again for a while by whichever messages go there in the same way. */
export class Lines {
  readonly #settings: DirectMxProviderSettings;
  readonly #parts: PoolParts;
  readonly #secureContext: SecureContext;
  readonly #lines: BoundedMap<string, Line>;
  #isClosed = false;

  constructor(settings: DirectMxProviderSettings, ca: Buffer | null, parts: PoolParts) {
    this.#settings = settings;
    this.#parts = parts;
    // RFC 8996 §4: nothing below TLS 1.2. A server that has nothing newer is spoken to in clear, where that may be.
    this.#secureContext = createSecureContext({ minVersion: "TLSv1.2", ...(ca === null ? {} : { ca }) });
    this.#lines = new BoundedMap<string, Line>(
      LINES,
      ({ pool }) => pool.connectionCount === 0,
      ({ pool }) => void pool.close(),
    );
  }

  to(to: LineTo): Line {
    const key = keyOf(to);
    const known = this.#lines.get(key);
    if (known) return known;
    const line: Line = {
      pool: this.#poolTo(to, (fault) => (line.peerFault = fault)),
      peerFault: to.channel === "clear" ? IN_CLEAR : null,
      clearUntilMs: 0,
    };
    this.#lines.set(key, line);
    if (this.#isClosed) void line.pool.close();
    return line;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#lines.values()].map(({ pool }) => pool.close()));
  }

  #poolTo({ address, host, domain, demand, channel }: LineTo, onPeer: (fault: string | null) => void): Pool {
    const { name, ownerGroup, port, bounds, perDomain, connectTimeoutMs, replyTimeoutMs, dataEndTimeoutMs } =
      this.#settings;
    const settings: SmtpProviderSettings = {
      kind: "smtp",
      name,
      ownerGroup,
      host: address,
      port,
      tls: channel === "tls" ? "starttls" : "none",
      verifyCertificate: demand.kind === "verified",
      caFile: null,
      auth: null,
      bounds,
      connections: perDomain.connections,
      connectTimeoutMs,
      replyTimeoutMs,
      dataEndTimeoutMs,
      activityUrl: null,
    };
    const nowMs = () => this.#parts.clock.now();
    const secured = peerCheck(demand, { host, domain, secureContext: this.#secureContext, nowMs, onPeer });
    return new Pool({ settings, ...secured, read: outcomeOfReceiver }, this.#parts);
  }
}

/** Whatever decides who is taken for the right one is part of it: a line is never used under another demand. */
function keyOf({ address, host, domain, demand, channel }: LineTo): string {
  const common = `${address} ${host} ${channel} ${demand.kind}`;
  if (demand.kind !== "dane") return common;
  const records = demand.records.map(
    ({ usage, selector, matchingType, data }) => `${usage}${selector}${matchingType}${data.toString("base64")}`,
  );
  return `${common} ${domain} ${demand.base} ${records.toSorted().join(" ")}`;
}
