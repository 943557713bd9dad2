import { request } from "node:https";
import { isIP } from "node:net";
import { gzipSync } from "node:zlib";
import type { Clock } from "../../../kernel/index.ts";
import type { TlsReport } from "./tally.ts";

const TIMEOUT_MS = 10_000;

export type PostParts = {
  clock: Clock;
  /** The one port that is used. */
  port: number;
  ca: Buffer | null;
  addressesOf(host: string): Promise<readonly string[]>;
};

/**
 * Sends a report (RFC 8460 §5.4): POST, gzip, no redirects, to a checked address only.
 * @returns the status; null where there was no answer, or where the address must not be used.
 */
export async function postReport(url: string, report: TlsReport, parts: PostParts): Promise<number | null> {
  const { hostname, port, pathname, search, username } = new URL(url);
  if (username !== "" || Number(port || 443) !== parts.port || hostname.startsWith("[") || isIP(hostname) !== 0)
    return null;
  const [address] = await parts.addressesOf(hostname);
  if (address === undefined) return null;
  const body = gzipSync(JSON.stringify(report));
  return new Promise((resolve) => {
    const end = (status: number | null) => {
      timer.cancel();
      sent.destroy();
      resolve(status);
    };
    const sent = request(
      {
        host: address,
        port: parts.port,
        path: `${pathname}${search}`,
        method: "POST",
        headers: {
          host: port === "" ? hostname : `${hostname}:${port}`,
          "content-type": "application/tlsrpt+gzip", // RFC 8460 §6.5
          "content-length": body.length,
        },
        servername: hostname,
        agent: false,
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
        ...(parts.ca === null ? {} : { ca: parts.ca }),
      },
      (response) => end(response.statusCode ?? null),
    );
    const timer = parts.clock.after(TIMEOUT_MS, () => end(null));
    sent.on("error", () => end(null));
    sent.end(body);
  });
}
