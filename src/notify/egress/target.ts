import { isIP } from "node:net";

/** Why a request is not made, as a value: a stable code and what to do. */
export type EgressRefusal = { code: EgressCode; sentence: string };
export type EgressCode =
  | "egress-bad-url"
  | "egress-not-https"
  | "egress-port"
  | "egress-local-name"
  | "egress-address-denied"
  | "egress-unresolved";

/** Where an URL leads, as far as can be told without asking a resolver. */
export type Target = {
  /** Lower case, without dots at its end: what the certificate must name. */
  host: string;
  /** The host, where it is an address itself. */
  address: string | null;
  port: number;
  /** Path and query. */
  path: string;
};

/** An address of this machine that tests may reach nevertheless, at one port. Given as a parameter, never by configuration. */
export type Permitted = { address: string; port: number };

const HTTPS_PORT = 443;
/** Names that mean this machine or network whatever a resolver says (RFC 6761 §6.3, RFC 6762 §3, RFC 8375, RFC 9476). */
const LOCAL_ENDINGS = ["localhost", "local", "localdomain", "internal", "home.arpa", "alt", "onion"];

/**
 * Reads an URL the way the connection will: WHATWG's parser turns decimal, octal, hexadecimal and shortened IPv4 forms
 * into the address they mean, so no other form of it gets past the list of addresses.
 * @param mayBeInside some networks that are not public may be reached: port and name are held against the address then
 */
export function targetOf(
  url: string,
  permitted: readonly Permitted[] = [],
  mayBeInside = false,
): Target | EgressRefusal {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null) return { code: "egress-bad-url", sentence: "The address of the webhook is no URL." };
  if (parsed.protocol !== "https:") return { code: "egress-not-https", sentence: "A webhook must be https." };
  if (parsed.username !== "" || parsed.password !== "") {
    return { code: "egress-bad-url", sentence: "The address of a webhook must not hold a user name or password." };
  }
  const port = parsed.port === "" ? HTTPS_PORT : Number(parsed.port);
  const host = parsed.hostname.replace(/^\[|\]$/g, "").replace(/\.+$/, "");
  const path = `${parsed.pathname}${parsed.search}`;
  const target = { host, address: isIP(host) === 0 ? null : host, port, path };
  if (mayBeInside || permitted.some((one) => one.port === port)) return target;
  return whyNotPublic(target) ?? target;
}

/** What port and name say against a place on the public internet; null: nothing. */
export function whyNotPublic({ host, address, port }: Target): EgressRefusal | null {
  if (port !== HTTPS_PORT)
    return { code: "egress-port", sentence: `A webhook must be on port ${HTTPS_PORT}, not ${port}.` };
  return address === null && isLocal(host)
    ? { code: "egress-local-name", sentence: "A webhook must have a public name, not one of this machine or network." }
    : null;
}

const isLocal = (host: string): boolean =>
  !host.includes(".") || LOCAL_ENDINGS.some((ending) => host === ending || host.endsWith(`.${ending}`));
