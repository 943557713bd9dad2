import type { SessionPeer } from "../smtp/session.ts";

/** Results in the words of RFC 8601 §2.7: pass, fail, softfail, neutral, none, policy, temperror, permerror. */
export type SpfVerdict = { domain: string; result: string };
export type DkimVerdict = { domain: string; selector: string; result: string };
/** `policy`: what the author's domain asks for where it fails; null where it publishes nothing. */
export type DmarcVerdict = { domain: string; result: string; policy: string | null };

/** What the receiving server found out about one message. One DKIM verdict per signature, in their order. */
export type Authentication = { spf: SpfVerdict; dkim: DkimVerdict[]; dmarc: DmarcVerdict };

/** How the receiving server got a message. */
export type Receipt = {
  client: SessionPeer;
  /** waiting: not looked at yet · unchecked: too much came at once, or the check broke. */
  authentication: Authentication | "waiting" | "unchecked";
};

/** `DMARC pass`, for lists; null where nothing is known. */
export const dmarcLabel = (authentication: Receipt["authentication"] | null): string | null =>
  authentication === null || typeof authentication === "string" ? null : `DMARC ${authentication.dmarc.result}`;

/** One line for people: `SPF pass (ses.example), DKIM pass (acme.example), DMARC pass (acme.example)`. */
export function authenticationLine(authentication: Receipt["authentication"]): string {
  if (authentication === "waiting") return "being checked";
  if (authentication === "unchecked") return "not checked";
  const { spf, dkim, dmarc } = authentication;
  const signatures = dkim.map(({ domain, result }) => `DKIM ${result} (${domain})`);
  return [
    `SPF ${spf.result} (${spf.domain})`,
    ...(signatures.length === 0 ? ["no DKIM signature"] : signatures),
    `DMARC ${dmarc.result} (${dmarc.domain})`,
  ].join(", ");
}
