import type { Outcome } from "../../mail/index.ts";
import type { Ask } from "./dns/answers.ts";
import { deferredFor } from "./outcomes.ts";

/** The hosts that take a domain's mail, in the order in which they are to be tried. */
export type MailHosts =
  | {
      kind: "hosts";
      names: string[];
      /** The list is proven by signatures: only then do their keys count. */ authentic: boolean;
      ttlS: number;
    }
  | { kind: "end"; outcome: Outcome };

/** RFC 5321 §2.3.5: a name, not an address; with room for `_25._tcp.` before it. What else is there is passed over. */
const NAME_FORM =
  /^(?=.{1,240}$)(?![\d.]+$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

export const isName = (name: string): boolean => NAME_FORM.test(name);

/** RFC 5321 §5.1: at least two should be tried; more only make a message wait. */
const HOSTS = 5;

/**
 * RFC 5321 §5.1. 1. MX records by preference, those of one preference in any order, so that load spreads.
 * 2. None: the domain itself (the implicit MX).  3. One "." with preference whatever: it takes no mail (RFC 7505 §3).
 * 4. Where we are in the list ourselves: only those before us, or mail would go round.
 * @param own our name, lower case. @param fraction chance in [0, 1).
 */
export async function mailHostsOf(
  domain: string,
  ask: Ask,
  { own, fraction }: { own: string; fraction: () => number },
): Promise<MailHosts> {
  const answer = await ask(domain, "MX");
  switch (answer.kind) {
    case "failed":
      return { kind: "end", outcome: deferredFor("dns-failed", `MX: ${answer.reason}`) };
    case "none":
      if (!answer.exists) return { kind: "end", outcome: refused("domain-not-found") };
      return { kind: "hosts", names: [domain], authentic: answer.authentic, ttlS: answer.ttlS };
    case "records":
  }
  if (answer.records.every(({ exchange }) => exchange === "" || exchange === "."))
    return { kind: "end", outcome: refused("domain-takes-no-mail", "556", "5.1.10") };
  const sorted = answer.records
    .filter(({ exchange }) => isName(exchange))
    .map((record) => ({ ...record, chance: fraction() }))
    .toSorted((a, b) => a.preference - b.preference || a.chance - b.chance);
  const us = sorted.find(({ exchange }) => exchange === own);
  const before = us ? sorted.filter(({ preference }) => preference < us.preference) : sorted;
  if (sorted.length === 0) return { kind: "end", outcome: deferredFor("mx-unresolved", "No MX names a host.") };
  if (before.length === 0)
    return { kind: "end", outcome: deferredFor("mail-loop", "This server is the domain's own MX.") };
  const names = [...new Set(before.map(({ exchange }) => exchange))].slice(0, HOSTS);
  return { kind: "hosts", names, authentic: answer.authentic, ttlS: answer.ttlS };
}

/** 556 (RFC 7504) and 5.1.10 (RFC 7505) are what a server would have said. */
const refused = (cause: string, code?: string, enhancedStatus?: string): Outcome => ({
  kind: "rejected",
  scope: "recipient",
  cause,
  ...(code === undefined ? {} : { replyCode: Number(code) }),
  ...(enhancedStatus === undefined ? {} : { enhancedStatus }),
});

export const TAKES_NO_MAIL = refused("domain-takes-no-mail");
