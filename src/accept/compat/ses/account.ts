import { asciiDomain, parseMailbox } from "../../../mail/index.ts";
import type { CompatParts } from "../compat.ts";
import type { SesCall, SesOperation } from "./call.ts";
import { isSesError, notFound } from "./errors.ts";
import { pageIn, pageOf } from "./pages.ts";
import { readJson } from "./read-json.ts";
import { pageShape } from "./shape.ts";

const tenantOf = ({ who }: SesCall, { tenants }: CompatParts) => tenants.find(who.tenant)!;

/** An account here is a tenant. What it sent is in the metrics, not in this answer. */
const account: SesOperation = {
  method: "GET",
  path: "account",
  async handle(_call, { port }) {
    return {
      DedicatedIpAutoWarmupEnabled: false,
      EnforcementStatus: "HEALTHY",
      ProductionAccessEnabled: true,
      SendingEnabled: port.intakeRefusal() === null,
      SendQuota: { Max24HourSend: -1 }, // "A value of -1 signifies an unlimited quota"
      SuppressionAttributes: { SuppressedReasons: [] },
    };
  },
};

/** Identities are the tenant's domains: what is below them, and every address in them, may send as well. */
const identities: SesOperation = {
  method: "POST",
  path: "list-identities",
  async handle(call, parts) {
    const page = pageFrom(call);
    if (isSesError(page)) return page;
    const { names, ...next } = pageIn(tenantOf(call, parts).domains, page);
    const facts = { IdentityType: "DOMAIN", SendingEnabled: true, VerificationStatus: "SUCCESS" };
    return { EmailIdentities: names.map((name) => ({ ...facts, IdentityName: name })), ...next };
  },
};

const identity: SesOperation = {
  method: "GET",
  path: "identities/{}",
  async handle(call, parts) {
    const mailbox = parseMailbox(call.name.includes("@") ? call.name : `x@${call.name}`);
    if (!mailbox || !tenantOf(call, parts).owns(asciiDomain(mailbox))) {
      return notFound(`Email identity ${call.name.slice(0, 320)} does not exist.`);
    }
    return {
      IdentityType: call.name.includes("@") ? "EMAIL_ADDRESS" : "DOMAIN",
      FeedbackForwardingStatus: false,
      VerifiedForSendingStatus: true,
      VerificationStatus: "SUCCESS",
      DkimAttributes: { SigningEnabled: false, Status: "NOT_STARTED" }, // providers sign
      Policies: {},
      Tags: [],
    };
  },
};

/** Configuration sets are the tenant's streams: which kind of mail it is, and so how it is treated. */
const sets: SesOperation = {
  method: "POST",
  path: "list-configuration-sets",
  async handle(call, parts) {
    const page = pageFrom(call);
    if (isSesError(page)) return page;
    const { names, ...next } = pageIn(
      tenantOf(call, parts).streams.map((stream) => stream.name),
      page,
    );
    return { ConfigurationSets: names, ...next };
  },
};

const set: SesOperation = {
  method: "GET",
  path: "configuration-sets/{}",
  async handle(call, parts) {
    const stream = tenantOf(call, parts).stream(call.name);
    if (!stream) return noSet(call.name);
    return {
      ConfigurationSetName: stream.name,
      SendingOptions: { SendingEnabled: true },
      ReputationOptions: { ReputationMetricsEnabled: false },
      SuppressionOptions: { SuppressedReasons: [] },
      Tags: [{ Key: "class", Value: stream.class }],
    };
  },
};

/** Where events go is said in the configuration (tenants[].webhooks), with secrets that are not told here. */
const destinations: SesOperation = {
  method: "GET",
  path: "configuration-sets/{}/event-destinations",
  handle: async (call, parts) =>
    tenantOf(call, parts).stream(call.name) ? { EventDestinations: [] } : noSet(call.name),
};

const noSet = (name: string) => notFound(`Configuration set <${name.slice(0, 64)}> does not exist.`);

/** Newer lists are asked for by POST; their tokens come in the body, or in the query. */
function pageFrom({ json, query }: SesCall) {
  const given = json === undefined ? {} : readJson(pageShape, json);
  if (isSesError(given)) return given;
  return pageOf(given.NextToken ?? query.get("NextToken"), given.PageSize ?? query.get("PageSize"));
}

export const accountOperations = [account, identities, identity, sets, set, destinations];
