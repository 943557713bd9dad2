/**
 * Hands messages to the recipients' own servers: the provider that nobody can suspend.
 * 1. The recipients of one hand-off by domain; each domain is a delivery of its own (deliver.ts).  2. A place in the
 * domain's line (domains.ts).  3. Its hosts (mail-hosts.ts, routes.ts).  4. What TLS must be there (tls/demand.ts).
 * 5. The dialogue of smtp/, on lines that are used again (lines.ts).  6. Each answer becomes an Outcome (outcomes.ts).
 * Invariants: C0 goes only to a server that is proven to be the right one, C1 never in clear, and what a domain publishes
 * is never undercut; no connection to an address that is not public, unless it was named.
 * Standards: RFC 5321 §5.1, 7505, 7672, 8460, 8461; for the dialogue see smtp/.
 * Operator sees: the causes of outcomes (docs/providers/direct-mx.md), "direct-mx.tls-report".
 */
import { readFileSync } from "node:fs";
import type { DirectMxProviderSettings } from "../../config/index.ts";
import { systemRandom } from "../../kernel/index.ts";
import { asciiDomain, type Outcome } from "../../mail/index.ts";
import type { Handoff, Provider, ProviderParts } from "../provider.ts";
import { addressesOf, networksOf } from "./addresses.ts";
import { deliver, type DeliverParts } from "./deliver.ts";
import { Domains } from "./domains.ts";
import { askerOf } from "./examine.ts";
import { Lines } from "./lines.ts";
import { startReports } from "./reports/index.ts";
import { Routes } from "./routes.ts";
import { fetchPolicy } from "./tls/fetch-policy.ts";
import { StsStore } from "./tls/sts-store.ts";
import { WayOut } from "./way-out.ts";

export { examineWayOut, type WayOutFound } from "./examine.ts";

/** RFC 5321 §4.5.3.1.8: a server takes at least a hundred. */
const RECIPIENTS = 100;

export function directMxProvider(settings: DirectMxProviderSettings, parts: ProviderParts): Provider {
  const { clock, log, random = systemRandom } = parts;
  const hostname = settings.hostname ?? parts.hostname;
  const ca = settings.caFile === null ? null : readFileSync(settings.caFile);
  const ask = askerOf(settings, { clock, random });
  const permitted = networksOf(settings.privateNetworks);
  const web = {
    clock,
    ca,
    port: settings.policyPort,
    addressesOf: async (host: string) => {
      const found = await addressesOf(host, ask, permitted);
      return found.kind === "addresses" ? found.addresses : [];
    },
  };
  const sts = new StsStore({ ask, clock, fetch: (domain) => fetchPolicy(domain, web) });
  const lines = new Lines(settings, ca, { clock, log, hostname });
  const reports =
    settings.tlsReports && startReports({ ...settings.tlsReports, hostname }, { ask, web, clock, log, random });
  const deliverParts: DeliverParts = {
    routes: new Routes({ ask, sts, clock, random, permitted, own: hostname.toLowerCase() }),
    lines,
    domains: new Domains(settings.perDomain, { clock, random }),
    wayOut: new WayOut(),
    onTls: (session) => reports?.onTls(session),
    clock,
  };
  let isClosed = false;
  return {
    name: settings.name,
    kind: "direct-mx",
    ownerGroup: settings.ownerGroup,
    // Nobody keeps a log of ours there: an end that is unknown stays unknown.
    capabilities: { lookup: false, smtputf8: "asked", maxRecipients: RECIPIENTS },
    async handOff(handoff, signal) {
      if (isClosed || signal.aborted) return { recipients: handoff.envelope.recipients.map(() => ABORTED) };
      return { recipients: await byDomain(handoff, (domain, part) => deliver(domain, part, signal, deliverParts)) };
    },
    async close() {
      isClosed = true;
      reports?.stop();
      await lines.close();
    },
  };
}

const ABORTED: Outcome = { kind: "deferred", scope: "message", cause: "aborted" };

/** Each domain's part of a hand-off, all at once, and the outcomes back in the order of the recipients. */
async function byDomain(
  handoff: Handoff,
  deliverPart: (domain: string, part: Handoff) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const { recipients } = handoff.envelope;
  const places = Map.groupBy(recipients.keys(), (n) => asciiDomain(recipients[n]!.mailbox));
  const outcomes: Outcome[] = [];
  await Promise.all(
    [...places].map(async ([domain, mine]) => {
      const envelope = { ...handoff.envelope, recipients: mine.map((n) => recipients[n]!) };
      const answers = await deliverPart(domain, { ...handoff, envelope });
      mine.forEach((n, at) => (outcomes[n] = answers[at]!));
    }),
  );
  return outcomes;
}
