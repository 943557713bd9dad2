import type { AccountPart, Because, DnsRecord, FoundSuppression } from "../providers/index.ts";
import type { TemplateFate } from "./keep-template.ts";

export type SuppressionKind = FoundSuppression["kind"];
export type FoundDomain = { domain: string; isVerified: boolean | null; records: readonly DnsRecord[] };

/** `would-adopt`: of a run that changes nothing. */
export type TemplateLine = {
  name: string;
  displayName: string;
  dialect: string;
  versions: number;
  fate: TemplateFate["kind"] | "would-adopt";
  problems: readonly string[];
  notes: readonly string[];
};

/** All that was found in an account, and what came of it. Of suppressions the counts only: they may be a million. */
export type Findings = {
  metadata: string[];
  states: string[];
  senders: { address: string; isVerified: boolean | null }[];
  domains: FoundDomain[];
  templates: TemplateLine[];
  suppressions: {
    found: Record<SuppressionKind, number>;
    left: { count: number; because: string }[];
    added: number;
    known: number;
    full: number;
    unusable: number;
  };
  webhooks: { id: string; url: string; events: readonly string[] }[];
  keys: { name: string; createdAt: number | null; lastUsedAt: number | null }[];
  subaccounts: { name: string; state: string | null }[];
  whole: AccountPart[];
  missing: { part: AccountPart; because: Because; reason: string }[];
  notListed: { part: AccountPart; reason: string }[];
};

export const noFindings = (): Findings => ({
  metadata: [],
  states: [],
  senders: [],
  domains: [],
  templates: [],
  suppressions: {
    found: { bounced: 0, complained: 0, unsubscribed: 0, invalid: 0, manual: 0 },
    left: [],
    added: 0,
    known: 0,
    full: 0,
    unusable: 0,
  },
  webhooks: [],
  keys: [],
  subaccounts: [],
  whole: [],
  missing: [],
  notListed: [],
});

export const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, one) => sum + one, 0);
