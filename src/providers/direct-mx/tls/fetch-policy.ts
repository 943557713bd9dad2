import { request } from "node:https";
import type { Clock } from "../../../kernel/index.ts";

/** RFC 8461 §3.3: a minute is suggested; a message waits for it, so a tenth. */
const TIMEOUT_MS = 6_000;
/**
 * RFC 8461 §3.3 suggests 64 KB at most. Policies are some hundred octets, and ten thousand of them are kept (sts-store.ts), of
 * whichever domains mail is written to: those of all together must not fill the memory.
 */
const POLICY_OCTETS = 8 * 1024;

export type PolicyFetch =
  | { kind: "text"; text: string }
  /** certificate: TLS with the policy's host failed (`sts-webpki-invalid` of RFC 8460 §4.3.2.2). */
  | { kind: "failed"; why: "unreachable" | "certificate" | "status" | "type" | "too-long" };

export type PolicyParts = {
  clock: Clock;
  port: number;
  ca: Buffer | null;
  /** Addresses of a host that may be connected to; none where there is none. */
  addressesOf(host: string): Promise<readonly string[]>;
};

/**
 * Fetches a domain's policy (RFC 8461 §3.3): HTTPS to `mta-sts.<domain>` with a certificate good for that name, no
 * redirects, 8 KiB at most. It connects to an address that was checked, never to what a second answer of DNS says.
 */
export async function fetchPolicy(domain: string, parts: PolicyParts): Promise<PolicyFetch> {
  const host = `mta-sts.${domain}`;
  let failed: PolicyFetch = { kind: "failed", why: "unreachable" };
  for (const address of (await parts.addressesOf(host)).slice(0, 2)) {
    const fetched = await fetchFrom(address, host, parts);
    if (fetched.kind === "text" || fetched.why !== "unreachable") return fetched;
    failed = fetched;
  }
  return failed;
}

function fetchFrom(address: string, host: string, { clock, port, ca }: PolicyParts): Promise<PolicyFetch> {
  return new Promise((resolve) => {
    const end = (fetched: PolicyFetch) => {
      timer.cancel();
      asked.destroy();
      resolve(fetched);
    };
    const fail = (why: "unreachable" | "certificate" | "status" | "type" | "too-long") => end({ kind: "failed", why });
    const asked = request({
      host: address,
      port,
      path: "/.well-known/mta-sts.txt",
      method: "GET",
      headers: { host: port === 443 ? host : `${host}:${port}`, accept: "text/plain" },
      servername: host,
      agent: false,
      rejectUnauthorized: true, // said aloud: NODE_TLS_REJECT_UNAUTHORIZED must not reach here
      minVersion: "TLSv1.2",
      ...(ca === null ? {} : { ca }),
    });
    const timer = clock.after(TIMEOUT_MS, () => fail("unreachable"));
    asked.on("error", (error: NodeJS.ErrnoException) => fail(isOfCertificate(error) ? "certificate" : "unreachable"));
    asked.on("response", (response) => {
      if (response.statusCode !== 200) return fail("status"); // RFC 8461 §3.3: redirects are not followed
      if (!/^text\/plain\s*(?:;|$)/i.test(response.headers["content-type"] ?? "")) return fail("type");
      const chunks: Buffer[] = [];
      let octets = 0;
      response.on("data", (chunk: Buffer) => {
        octets += chunk.length;
        if (octets > POLICY_OCTETS) return fail("too-long");
        chunks.push(chunk);
      });
      response.on("end", () => end({ kind: "text", text: Buffer.concat(chunks).toString("utf8") }));
      response.on("error", () => fail("unreachable"));
    });
    asked.end();
  });
}

/** Node's names for what is wrong with a certificate (Node.js TLS page, "X509 certificate error codes", seen 2026-11-25). */
const isOfCertificate = ({ code = "" }: NodeJS.ErrnoException): boolean =>
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|ERR_TLS_CERT|HOSTNAME_MISMATCH|ERR_SSL|EPROTO)/.test(code);
