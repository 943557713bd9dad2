import { type Clock, MINUTE_MS } from "../../kernel/index.ts";
import type { Outcome } from "../../mail/index.ts";
import type { Handoff } from "../provider.ts";
import type { Domains } from "./domains.ts";
import type { Line, Lines, LineTo } from "./lines.ts";
import { TAKES_NO_MAIL } from "./mail-hosts.ts";
import { BEFORE_ANYTHING, deferredFor, notFromHere, ofReceiver, PERHAPS_OURS } from "./outcomes.ts";
import type { OnTls } from "./reports/session.ts";
import type { MailHost, Routes } from "./routes.ts";
import { type TlsDemand, tlsDemand } from "./tls/demand.ts";
import type { WayOut } from "./way-out.ts";

export type DeliverParts = {
  routes: Routes;
  lines: Lines;
  domains: Domains;
  wayOut: WayOut;
  onTls: OnTls;
  clock: Clock;
};

/** Addresses tried for one message, over all hosts. With `connectTimeout` it bounds how long a slot is held. */
const TRIES = 5;
/** After this no further host is tried. */
const TRYING_MS = MINUTE_MS;
/** How long a host that has no TLS is believed to have none, where nothing demands it. */
const CLEAR_MS = 5 * MINUTE_MS;

/**
 * One message to the recipients of one domain: its hosts in order, each address of a host in order, until one of them
 * talks about the message (RFC 5321 §5.1). What it says then is the end of this try: no other host is asked for a better answer.
 * Invariants: a message goes over no connection that is less than its class and the domain's policies demand; after an
 * address may have taken the text, no other one is tried.
 */
export async function deliver(
  domain: string,
  handoff: Handoff,
  signal: AbortSignal,
  parts: DeliverParts,
): Promise<Outcome[]> {
  const { domains, wayOut } = parts;
  const permit = await domains.enter(domain, signal);
  if (!("leave" in permit)) return forAll(handoff, permit);
  try {
    const tried = await tryHosts(domain, handoff, signal, parts);
    if (tried.kind === "answered") {
      const [first] = tried.outcomes;
      if (first?.cause === "aborted") return tried.outcomes;
      wayOut.worked();
      const tooFast = tried.outcomes.find(({ cause }) => cause === "rate-limited");
      if (tooFast) domains.rest(domain, tooFast.diagnostic ?? tooFast.cause);
      else domains.works(domain);
      return tried.outcomes;
    }
    const { outcome } = tried;
    if (outcome.kind !== "deferred") return forAll(handoff, outcome);
    domains.rest(domain, outcome.diagnostic ?? outcome.cause);
    if (!PERHAPS_OURS.has(outcome.cause)) wayOut.worked();
    else if (wayOut.failed(domain)) return forAll(handoff, { ...outcome, scope: "account" });
    return forAll(handoff, outcome);
  } finally {
    permit.leave();
  }
}

type Tried = { kind: "answered"; outcomes: Outcome[] } | { kind: "none"; outcome: Outcome };

async function tryHosts(domain: string, handoff: Handoff, signal: AbortSignal, parts: DeliverParts): Promise<Tried> {
  const { routes, clock, onTls } = parts;
  const route = await routes.to(domain);
  const { hosts } = route;
  if (hosts.kind === "end") return { kind: "none", outcome: hosts.outcome };
  const untilMs = clock.monotonicMs() + TRYING_MS;
  const failures: Outcome[] = [];
  let tries = 0;
  for (const name of hosts.names) {
    const host = await route.host(name);
    if (host.where.kind !== "addresses") {
      failures.push(withoutAddress(host, hosts.names[0] === domain));
      continue;
    }
    const demand = tlsDemand(name, { tlsa: host.tlsa, sts: route.sts.policy, messageClass: handoff.messageClass });
    if (demand.kind === "unusable") {
      failures.push(deferredFor(demand.cause, UNUSABLE[demand.cause]));
      onTls({ domain, route, host, address: "", cause: demand.cause, diagnostic: undefined, peerFault: null });
      continue;
    }
    for (const address of host.where.addresses) {
      if (tries === TRIES || clock.monotonicMs() > untilMs) break;
      tries += 1;
      const { outcomes, line } = await tryAddress({ address, host: name, domain, demand }, handoff, signal, parts);
      const [first] = outcomes;
      const isUntaken = outcomes.every(({ kind, cause }) => kind === "deferred" && BEFORE_ANYTHING.has(cause));
      onTls({
        domain,
        route,
        host,
        address,
        cause: first && isUntaken ? first.cause : null,
        diagnostic: first?.diagnostic,
        peerFault: line.peerFault,
      });
      if (!first || !isUntaken) return { kind: "answered", outcomes };
      failures.push(asDemanded(first, demand));
    }
  }
  // What another provider should do at once says more than that hosts are away.
  const outcome = failures.find(({ kind }) => kind === "rejected") ?? failures.at(-1) ?? deferredFor("dns-failed");
  return { kind: "none", outcome };
}

async function tryAddress(
  to: Omit<LineTo, "channel">,
  handoff: Handoff,
  signal: AbortSignal,
  { lines, clock }: DeliverParts,
): Promise<{ outcomes: Outcome[]; line: Line }> {
  const line = lines.to({ ...to, channel: "tls" });
  const mayBeClear = to.demand.kind === "opportunistic";
  if (!mayBeClear || clock.monotonicMs() >= line.clearUntilMs) {
    const outcomes = (await line.pool.handOff(handoff, signal)).map(ofReceiver);
    const hasNoTls = outcomes.every(({ kind, cause }) => kind === "deferred" && NO_TLS.has(cause));
    if (!mayBeClear || !hasNoTls) return { outcomes, line };
    line.clearUntilMs = clock.monotonicMs() + CLEAR_MS;
  }
  const clear = lines.to({ ...to, channel: "clear" });
  return { outcomes: (await clear.pool.handOff(handoff, signal)).map(ofReceiver), line: clear };
}

/** RFC 7435 §3: without a demand, no TLS is better than no mail. */
const NO_TLS: ReadonlySet<string> = new Set(["tls-unavailable", "tls-failed"]);
const OF_TLS: ReadonlySet<string> = new Set([...NO_TLS, "tls-certificate-invalid"]);

/** Where the class alone asks for more than the server has, the domain did nothing wrong: another provider carries it. */
const asDemanded = (outcome: Outcome, demand: TlsDemand): Outcome =>
  (demand.kind === "verified" || demand.kind === "encrypted") && demand.by === "class" && OF_TLS.has(outcome.cause)
    ? notFromHere("tls-required", `${outcome.cause}: ${outcome.diagnostic ?? "no safe connection for this class"}`)
    : outcome;

const UNUSABLE = {
  "dane-unknown": "Whether the host has TLSA records could not be found out.",
  "mta-sts-mismatch": "The host is not in the domain's MTA-STS policy.",
};

function withoutAddress({ name, where }: MailHost, isDomainItself: boolean): Outcome {
  switch (where.kind) {
    case "denied":
      return notFromHere("mx-not-public", `${name} leads to ${where.why}.`);
    case "none":
      // RFC 5321 §5.1: neither MX nor address is the end; an MX host without one may be somebody's slip.
      return isDomainItself ? TAKES_NO_MAIL : deferredFor("mx-unresolved", `${name} has no address.`);
    default:
      return deferredFor("dns-failed", `Addresses of ${name}.`);
  }
}

const forAll = (handoff: Handoff, outcome: Outcome): Outcome[] => handoff.envelope.recipients.map(() => outcome);
