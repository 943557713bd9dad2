import { type Finding, finding } from "../findings.ts";

/** What is asked of the DNS. Throws as node:dns does. */
export type AskDns = (name: string, type: string) => Promise<string[][] | string[]>;

/** Receivers look at five or so; each costs a look-up and the check of a signature. */
const SIGNATURES = 10;

export type Carried = { raw: Buffer; returnPath: string; peer: { address: string } | null };

/**
 * Whether the mail speaks for its author's domain: a DKIM signature of that domain, or of one above it, that holds, and
 * DMARC over DKIM and, where the connection is known, SPF. By mailauth, loaded with the first canary: that takes 0.2 s.
 * Standards: RFC 6376, RFC 7208, RFC 9989 (relaxed alignment).
 * @param author domain of From
 */
export async function authenticate(mail: Carried, author: string, ask: AskDns): Promise<Finding[]> {
  const head = mail.raw.toString("latin1", 0, Math.max(0, mail.raw.indexOf("\r\n\r\n")));
  if ((head.match(/^dkim-signature[ \t]*:/gim)?.length ?? 0) > SIGNATURES)
    return [finding("not-checked", `It has more than ${SIGNATURES} signatures.`)];
  const { authenticate: check } = await import("mailauth");
  const { dkim, dmarc } = await check(mail.raw, {
    ...(mail.peer ? { ip: mail.peer.address, sender: mail.returnPath } : {}),
    resolver: ask,
    disableArc: true,
    disableBimi: true,
  } as Parameters<typeof check>[1]);
  const aligned = dkim.results.filter(({ signingDomain = "" }) => isAligned(signingDomain.toLowerCase(), author));
  const results = aligned.map(({ status }) => status.result);
  const findings: Finding[] = [];
  if (results.length === 0) findings.push(finding("dkim-missing", `No signature of ${author}.`));
  else if (!results.includes("pass")) {
    const isPassing = results.every((result) => result === "temperror");
    findings.push(finding(isPassing ? "not-checked" : "dkim-failed", `DKIM of ${author}: ${results.join(", ")}.`));
  }
  const verdict = dmarc ? dmarc.status.result : "none";
  // Of a mailbox of others nobody knows the connection, so SPF cannot save what DKIM does not.
  if (mail.peer && verdict === "fail") findings.push(finding("dmarc-failed", `DMARC of ${author}: ${verdict}.`));
  return findings;
}

/** RFC 9989 §4.4, relaxed: one is the other or lies below it. */
const isAligned = (signer: string, author: string): boolean =>
  signer.includes(".") && (signer === author || author.endsWith(`.${signer}`) || signer.endsWith(`.${author}`));
