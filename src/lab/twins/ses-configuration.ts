import type { PostureKind } from "../../providers/index.ts";
import type { AccountThing } from "./account.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";
import { sesError } from "./ses-auth.ts";

/**
 * What SES's API v2 says and changes of an account. Paths and fields: @aws-sdk/client-sesv2 3.1175 (seen 2026-11-25).
 * Where things lie: identities as `domain` and `sender`, their policies as `user`, configuration sets as `setting`, their
 * event destinations as `webhook` with `set`, an archive as `forwarding`; the insider's own go where they would be seen.
 */
export function configurationReply(request: TwinRequest, desk: Desk): TwinReply | null {
  const parts = request.path.split("/").slice(3).map(decoded);
  const route = ROUTES.find(
    ({ method, path }) =>
      method === request.method &&
      path.length === parts.length &&
      path.every((part, n) => part === "*" || part === parts[n]),
  );
  if (!route) return null;
  return route.answer(
    desk,
    parts.filter((_, n) => route.path[n] === "*"),
    request,
  );
}

type Route = {
  method: string;
  path: string[];
  answer: (desk: Desk, names: string[], request: TwinRequest) => TwinReply;
};
const route = (line: string, answer: Route["answer"]): Route => {
  const [method = "", path = ""] = line.split(" ");
  return { method, path: path.split("/"), answer };
};

const ok = (body: unknown): TwinReply => ({ status: 200, body });
const missing = (what: string): TwinReply => sesError(404, "NotFoundException", `${what} does not exist.`);
const seconds = (value: unknown): number => Number(value ?? 0) / 1_000;
const field = (request: TwinRequest, name: string): string => {
  const body: unknown = request.json;
  const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === "string" ? value : "";
};

const ROUTES: readonly Route[] = [
  route("GET account", ({ account }) => {
    const { suspension } = account;
    const set = account.things("setting").get("account") ?? {};
    return ok({
      DedicatedIpAutoWarmupEnabled: false,
      EnforcementStatus: suspension === null ? "HEALTHY" : "SHUTDOWN",
      ProductionAccessEnabled: true,
      SendQuota: { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: account.sent.length },
      SendingEnabled: suspension === null,
      SuppressionAttributes: { SuppressedReasons: ["BOUNCE", "COMPLAINT"] },
      VdmAttributes: { VdmEnabled: "DISABLED" },
      ...set,
    });
  }),
  ...["POST list-identities", "GET identities"].map((line) =>
    route(line, (desk, _, request) =>
      page(
        request,
        "EmailIdentities",
        identities(desk).map(([kind, one]) => ({
          IdentityType: kind === "sender" ? "EMAIL_ADDRESS" : "DOMAIN",
          IdentityName: one.id,
          SendingEnabled: true,
          VerificationStatus: "SUCCESS",
        })),
      ),
    ),
  ),
  route("POST identities", ({ account, clock }, _, request) => {
    const id = field(request, "EmailIdentity");
    const kind = id.includes("@") ? "sender" : "domain";
    if (account.things(kind).has(id))
      return sesError(400, "AlreadyExistsException", `Email identity ${id} already exist.`);
    account.put(kind, { id, at: clock.now() });
    return ok({ IdentityType: kind === "sender" ? "EMAIL_ADDRESS" : "DOMAIN", VerifiedForSendingStatus: false });
  }),
  route("GET identities/*", (desk, [name = ""]) => {
    const [kind, one] = identities(desk).find(([, { id }]) => id === name) ?? [];
    if (!one) return missing(`Email identity ${name}`);
    return ok({
      IdentityType: kind === "sender" ? "EMAIL_ADDRESS" : "DOMAIN",
      FeedbackForwardingStatus: true,
      VerifiedForSendingStatus: one["verified"] !== false,
      DkimAttributes: {
        SigningEnabled: kind === "domain",
        Status: one["verified"] === false ? "FAILED" : "SUCCESS",
        SigningAttributesOrigin: "AWS_SES",
        Tokens: one["tokens"] ?? [],
      },
      MailFromAttributes: {
        BehaviorOnMxFailure: "USE_DEFAULT_VALUE",
        ...(one["mailFrom"] === undefined ? {} : { MailFromDomain: one["mailFrom"], MailFromDomainStatus: "SUCCESS" }),
      },
      Policies: Object.fromEntries(
        of(desk, "user")
          .filter((policy) => policy["identity"] === name)
          .map((policy) => [policy["name"], policy["policy"]]),
      ),
      Tags: [],
    });
  }),
  route("POST identities/*/policies/*", ({ account }, [identity = "", name = ""], request) => {
    account.put("user", { id: `${identity}/${name}`, identity, name, policy: field(request, "Policy") });
    return ok({});
  }),
  ...["POST list-configuration-sets", "GET configuration-sets"].map((line) =>
    route(line, (desk, _, request) =>
      page(
        request,
        "ConfigurationSets",
        sets(desk).map(({ id }) => id),
      ),
    ),
  ),
  route("POST configuration-sets", ({ account }, _, request) => {
    account.put("setting", { id: field(request, "ConfigurationSetName"), isSet: true });
    return ok({});
  }),
  route("GET configuration-sets/*", (desk, [name = ""]) => {
    const set = sets(desk).find(({ id }) => id === name);
    if (!set) return missing(`Configuration set <${name}>`);
    const archive = desk.account.things("forwarding").get(name);
    return ok({
      ConfigurationSetName: name,
      DeliveryOptions: { TlsPolicy: set["tlsPolicy"] ?? "OPTIONAL" },
      ReputationOptions: { ReputationMetricsEnabled: false },
      SendingOptions: { SendingEnabled: true },
      SuppressionOptions: {},
      Tags: [],
      ...(archive ? { ArchivingOptions: { ArchiveArn: archive["arn"] } } : {}),
    });
  }),
  route("GET configuration-sets/*/event-destinations", (desk, [name = ""]) => {
    if (!sets(desk).some(({ id }) => id === name)) return missing(`Configuration set <${name}>`);
    const own = of(desk, "webhook").filter(({ set = SES_CONFIGURATION_SET }) => set === name);
    return ok({
      EventDestinations: own.map((one) => ({
        Name: one.id,
        Enabled: true,
        MatchingEventTypes: one["events"] ?? ["SEND", "BOUNCE", "COMPLAINT", "DELIVERY"],
        SnsDestination: { TopicArn: one["topicArn"] ?? `arn:aws:sns:eu-central-1:666666666666:${one.id}` },
      })),
    });
  }),
  route("GET suppression/addresses", (desk, _, request) =>
    page(request, "SuppressedDestinationSummaries", of(desk, "suppression").map(suppressed)),
  ),
  route("PUT suppression/addresses", ({ account, clock }, _, request) => {
    const id = field(request, "EmailAddress").toLowerCase();
    account.put("suppression", { id, reason: field(request, "Reason"), at: clock.now() });
    return ok({});
  }),
  route("GET suppression/addresses/*", ({ account }, [address = ""]) => {
    const one = account.things("suppression").get(address);
    return one ? ok({ SuppressedDestination: suppressed(one) }) : missing(`Email address ${address}`);
  }),
  route("DELETE suppression/addresses/*", ({ account }, [address = ""]) =>
    account.things("suppression").delete(address) ? ok({}) : missing(`Email address ${address}`),
  ),
  route("POST list-export-jobs", (desk, _, request) =>
    page(
      request,
      "ExportJobs",
      of(desk, "export").map((one) => ({
        JobId: one.id,
        ExportSourceType: "MESSAGE_INSIGHTS",
        JobStatus: "COMPLETED",
        CreatedTimestamp: seconds(one["at"]),
      })),
    ),
  ),
  route("POST import-jobs/list", (_, __, request) => page(request, "ImportJobs", [])),
  route("GET templates", (desk, _, request) =>
    page(
      request,
      "TemplatesMetadata",
      of(desk, "template").map((one) => ({ TemplateName: one.id, CreatedTimestamp: seconds(one["at"]) })),
    ),
  ),
  route("GET templates/*", ({ account }, [name = ""]) => {
    const one = account.things("template").get(name);
    if (!one) return missing(`Template ${name}`);
    const { subject, html, text } = one;
    return ok({ TemplateName: name, TemplateContent: { Subject: subject, Html: html, Text: text } });
  }),
  route("GET contact-lists", (_, __, request) => page(request, "ContactLists", [])),
  route("GET insights/*", ({ account }, [id = ""]) => {
    const message = account.find(id);
    if (!message) return missing(`Message ${id}`);
    return ok({
      MessageId: id,
      FromEmailAddress: message.from,
      Subject: message.subject,
      EmailTags: Object.entries(message.metadata).map(([Name, Value]) => ({ Name, Value })),
      Insights: message.recipients.map((Destination) => ({
        Destination,
        Events: [{ Type: "SEND", Timestamp: seconds(message.at) }],
      })),
    });
  }),
];

export const SES_CONFIGURATION_SET = "postern";

const of = ({ account }: Desk, kind: PostureKind): AccountThing[] => [...account.things(kind).values()];
const sets = (desk: Desk): AccountThing[] => of(desk, "setting").filter(({ isSet }) => isSet === true);
export const identities = (desk: Desk): ["domain" | "sender", AccountThing][] => [
  ...of(desk, "domain").map((one) => ["domain", one] as ["domain", AccountThing]),
  ...of(desk, "sender").map((one) => ["sender", one] as ["sender", AccountThing]),
];
const suppressed = (one: AccountThing) => ({
  EmailAddress: one.id,
  Reason: one["reason"] === "COMPLAINT" ? "COMPLAINT" : "BOUNCE",
  LastUpdateTime: seconds(one["at"]),
});

/** PageSize and NextToken, in the query or in the body; a token is where the next page begins. */
function page(request: TwinRequest, member: string, all: readonly unknown[]): TwinReply {
  const body = (request.json ?? {}) as Record<string, unknown>;
  const size = Number(request.query.get("PageSize") ?? body["PageSize"] ?? 100) || 100;
  const from = Number(request.query.get("NextToken") ?? body["NextToken"] ?? 0) || 0;
  const next = from + size < all.length ? { NextToken: String(from + size) } : {};
  return ok({ [member]: all.slice(from, from + size), ...next });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
