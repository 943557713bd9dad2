import type { FastifyReply, FastifyRequest } from "fastify";
import { type LabRefusal, sendRefusal } from "./problem-reply.ts";

/**
 * The lab has no login: whoever reaches it may read the mail in it. It is reached from this machine only, so what must
 * be kept out are web pages that the machine's own browser has open.
 *  - A name that an attacker points to 127.0.0.1 (DNS rebinding) gives another Host than these.
 *  - A page of another origin may send requests but not read answers; what changes something must come from our pages,
 *    or from a program, which sends neither Origin nor Sec-Fetch-Site.
 */
const HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

export async function guardHost(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  setHeaders(reply);
  return HOSTS.has(hostNameOf(request)) ? undefined : sendRefusal(reply, HOST_NOT_ALLOWED);
}

export async function guardChange(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  return isFromHere(request) ? undefined : sendRefusal(reply, CROSS_ORIGIN);
}

/** True unless a browser says that another site asks. */
export function isFromHere({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const { origin } = headers;
  return origin === undefined || origin === `http://${headers.host}` || origin === `https://${headers.host}`;
}

function hostNameOf({ headers }: FastifyRequest): string {
  return (headers.host ?? "").toLowerCase().replace(/:\d{1,5}$/, "");
}

const HOST_NOT_ALLOWED: LabRefusal = {
  status: 403,
  code: "lab-host-not-allowed",
  detail: "The lab answers to localhost, 127.0.0.1 and [::1] only. Open it under one of these names.",
};
const CROSS_ORIGIN: LabRefusal = {
  status: 403,
  code: "lab-cross-origin",
  detail: "Another web page may not change the lab. Use the lab's own page, or a program without an Origin field.",
};

const PAGE_POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

function setHeaders(reply: FastifyReply): void {
  reply.headers({
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-dns-prefetch-control": "off",
    "cache-control": "no-store",
  });
}
