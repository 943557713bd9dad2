import { DAY_MS, type Random } from "../../../kernel/index.ts";
import type { PolicySeen, TlsFault, TlsSession } from "./session.ts";

/** Who reports: RFC 8460 §4.4, organization-name and contact-info. */
export type Reporter = { organization: string; contact: string; hostname: string };

/** A report as RFC 8460 §4.4 writes it. */
export type TlsReport = {
  "organization-name": string;
  "date-range": { "start-datetime": string; "end-datetime": string };
  "contact-info": string;
  "report-id": string;
  policies: PolicyReport[];
};
type PolicyReport = {
  policy: {
    "policy-type": PolicySeen["type"];
    "policy-string"?: string[];
    "policy-domain": string;
    "mx-host"?: string[];
  };
  summary: { "total-successful-session-count": number; "total-failure-session-count": number };
  "failure-details"?: {
    "result-type": TlsFault;
    "receiving-mx-hostname": string;
    "receiving-ip"?: string;
    "failed-session-count": number;
  }[];
};

type Counted = { policy: PolicySeen; good: number; bad: number; faults: Map<string, Fault> };
type Fault = { type: TlsFault; host: string; address: string; count: number };

/** Domains counted in one day; those beyond are not reported to. */
const DOMAINS = 10_000;
/** A policy may change within a day, and each is reported; more than these are somebody's joke. */
const POLICIES_OF_DOMAIN = 4;
const FAULTS_OF_POLICY = 50;

/**
 * Counts what TLS came to, by policy domain, for one day of UTC (RFC 8460 §4.1). It holds no addresses of people, only
 * names and addresses of servers. What does not fit is left out of the details, never of the sums.
 */
export class TlsTally {
  readonly startsAtMs: number;
  readonly #domains = new Map<string, Map<string, Counted>>();

  constructor(nowMs: number) {
    this.startsAtMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  }

  get endsAtMs(): number {
    return this.startsAtMs + DAY_MS;
  }

  get domains(): string[] {
    return [...this.#domains.keys()];
  }

  count({ domain, policy, host, address, fault }: TlsSession): void {
    const counted = this.#countedOf(domain, policy);
    if (!counted) return;
    if (fault === null) {
      counted.good += 1;
      return;
    }
    counted.bad += 1;
    const key = `${fault} ${host} ${address}`;
    const known = counted.faults.get(key);
    if (known) known.count += 1;
    else if (counted.faults.size < FAULTS_OF_POLICY) counted.faults.set(key, { type: fault, host, address, count: 1 });
  }

  reportOf(domain: string, { organization, contact, hostname }: Reporter, random: Random): TlsReport | null {
    const counted = this.#domains.get(domain);
    if (!counted) return null;
    return {
      "organization-name": organization,
      "date-range": {
        "start-datetime": secondsOf(this.startsAtMs),
        "end-datetime": secondsOf(this.endsAtMs - 1000),
      },
      "contact-info": contact,
      "report-id": `${secondsOf(this.startsAtMs).slice(0, 10)}.${random.bytes(8).toString("hex")}@${hostname}`,
      policies: [...counted.values()].map((one) => policyReport(domain, one)),
    };
  }

  #countedOf(domain: string, policy: PolicySeen): Counted | undefined {
    let policies = this.#domains.get(domain);
    if (!policies) {
      if (this.#domains.size >= DOMAINS) return undefined;
      policies = new Map();
      this.#domains.set(domain, policies);
    }
    const key = JSON.stringify(policy);
    let counted = policies.get(key);
    if (!counted && policies.size < POLICIES_OF_DOMAIN) {
      counted = { policy, good: 0, bad: 0, faults: new Map() };
      policies.set(key, counted);
    }
    return counted;
  }
}

function policyReport(domain: string, { policy, good, bad, faults }: Counted): PolicyReport {
  return {
    policy: {
      "policy-type": policy.type,
      ...(policy.type === "no-policy-found" ? {} : { "policy-string": [...policy.strings] }),
      "policy-domain": domain,
      ...(policy.type === "sts" ? { "mx-host": [...policy.mx] } : {}),
    },
    summary: { "total-successful-session-count": good, "total-failure-session-count": bad },
    ...(faults.size === 0
      ? {}
      : {
          "failure-details": [...faults.values()].map(({ type, host, address, count }) => ({
            "result-type": type,
            "receiving-mx-hostname": host,
            ...(address === "" ? {} : { "receiving-ip": address }), // a host that was not even connected to
            "failed-session-count": count,
          })),
        }),
  };
}

/** RFC 3339 §5.6, without fractions. */
const secondsOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
