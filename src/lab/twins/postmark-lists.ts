import type { AccountThing, SentMessage } from "./account.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";
import { addressesOf } from "./postmark-send.ts";

type Lists = (request: TwinRequest, desk: Desk, match: RegExpExecArray) => TwinReply;

/** What is asked of an account: its log and its configuration. Null: no such path. */
export function postmarkLists(request: TwinRequest, desk: Desk): TwinReply | null {
  if (request.method !== "GET") return null;
  for (const [path, list] of PATHS) {
    const match = path.exec(request.path);
    if (match) return list(request, desk, match);
  }
  return null;
}

const answer = (body: unknown): TwinReply => ({ status: 200, body });

/** count and offset are required, count + offset at most 10,000. */
function paged<Row>({ query }: TwinRequest, member: string, rows: readonly Row[]): TwinReply {
  const count = Number(query.get("count") ?? Number.NaN);
  const offset = Number(query.get("offset") ?? Number.NaN);
  if (!(count >= 1 && count <= 500) || !(offset >= 0) || count + offset > 10_000) {
    return { status: 422, body: { ErrorCode: 700, Message: "The 'count' or 'offset' parameter is invalid." } };
  }
  return answer({ TotalCount: rows.length, [member]: rows.slice(offset, offset + count) });
}

const things = (desk: Desk, kind: Parameters<Desk["account"]["things"]>[0]): AccountThing[] => [
  ...desk.account.things(kind).values(),
];
const inList = (list: string): { Email: string; Name: null }[] =>
  addressesOf(list).map((Email) => ({ Email, Name: null }));

const outbound = (one: SentMessage): Record<string, unknown> => ({
  Tag: one.tags[0] ?? "",
  MessageID: one.id,
  MessageStream: one.fields["MessageStream"] ?? "outbound",
  To: inList(String(one.fields["To"] ?? one.recipients.join(","))),
  Cc: inList(String(one.fields["Cc"] ?? "")),
  Bcc: inList(String(one.fields["Bcc"] ?? "")),
  Recipients: one.recipients,
  ReceivedAt: new Date(one.at).toISOString(),
  From: one.from,
  Subject: one.subject,
  Attachments: [],
  Status: one.state === "held" ? "Queued" : "Sent",
  TrackOpens: one.fields["TrackOpens"] ?? false,
  TrackLinks: one.fields["TrackLinks"] ?? "None",
  Metadata: one.metadata,
  Sandboxed: false,
});

function searched(request: TwinRequest, { account }: Desk): TwinReply {
  const { query } = request;
  const stream = query.get("messagestream") ?? "outbound";
  const metadata = [...query].filter(([name]) => name.startsWith("metadata_"));
  const found = account.sent
    .filter((one) => !isHidden(one))
    .filter((one) => (one.fields["MessageStream"] ?? "outbound") === stream)
    .filter((one) => metadata.every(([name, value]) => one.metadata[name.slice("metadata_".length)] === value))
    .filter((one) => query.get("recipient") === null || one.recipients.includes(query.get("recipient")!))
    .filter((one) => query.get("status") !== "queued" || one.state === "held")
    .toReversed()
    .map(outbound);
  return paged(request, "Messages", found);
}

const PATHS: readonly [RegExp, Lists][] = [
  [/^\/messages\/outbound$/, searched],
  [
    /^\/messages\/outbound\/([^/]+)\/details$/,
    (_, { account }, match) => {
      const found = account.find(match[1] ?? "");
      return !found || isHidden(found)
        ? { status: 422, body: { ErrorCode: 701, Message: "This message does not exist." } }
        : answer({ ...outbound(found), TextBody: found.fields["TextBody"] ?? "", Body: found.raw?.toString() ?? "" });
    },
  ],
  [
    /^\/server$/,
    (_, desk) =>
      answer({
        ID: 1,
        Name: "Lab",
        ApiTokens: [...desk.account.apiKeys, ...things(desk, "key").map(({ id }) => id)],
        SmtpApiActivated: true,
        RawEmailEnabled: false,
        DeliveryType: "Live",
        InboundHookUrl: "",
        TrackOpens: false,
        TrackLinks: "None",
        EnableSmtpApiErrorHooks: false,
      }),
  ],
  [
    /^\/message-streams$/,
    (_, desk) => {
      const streams = things(desk, "setting").map(({ id, type }) => ({
        ID: id,
        Name: id,
        MessageStreamType: type,
        CreatedAt: "2026-01-01T00:00:00Z",
        SubscriptionManagementConfiguration: { UnsubscribeHandlingType: "None" },
      }));
      return answer({ MessageStreams: streams, TotalCount: streams.length });
    },
  ],
  [
    /^\/message-streams\/([^/]+)\/suppressions\/dump$/,
    (_, desk, match) =>
      answer({
        // What an insider suppresses is on the list of the first stream.
        Suppressions: things(desk, "suppression")
          .filter((one) => (one["stream"] ?? "outbound") === match[1])
          .map((one) => ({
            EmailAddress: one["email"] ?? one.id,
            SuppressionReason: "ManualSuppression",
            Origin: "Customer",
            CreatedAt: new Date(Number(one["at"] ?? 0)).toISOString(),
            ...(one["reason"] === "manual" ? {} : { SuppressionReason: one["reason"], Origin: one["origin"] }),
          })),
      }),
  ],
  [
    /^\/webhooks$/,
    (_, desk) =>
      answer({
        Webhooks: things(desk, "webhook").map(({ id, url }) => ({
          ID: id,
          Url: url,
          MessageStream: "outbound",
          HttpHeaders: [],
          Triggers: { Delivery: { Enabled: true }, Bounce: { Enabled: true, IncludeContent: false } },
        })),
      }),
  ],
  [/^\/templates$/, (request, desk) => paged(request, "Templates", things(desk, "template").map(templateRow))],
  [
    /^\/templates\/([^/]+)$/,
    (_, desk, match) => {
      const found = things(desk, "template").find((one) => one.id === match[1] || one["Alias"] === match[1]);
      if (!found)
        return { status: 422, body: { ErrorCode: 1101, Message: "The Template's TemplateId was not found." } };
      const { Subject = null, HtmlBody = null, TextBody = null } = found;
      return answer({ ...templateRow(found), Subject, HtmlBody, TextBody, AssociatedServerId: 1 });
    },
  ],
  [/^\/triggers\/inboundrules$/, (request) => paged(request, "InboundRules", [])],
  [
    /^\/senders$/,
    (request, desk) =>
      paged(
        request,
        "SenderSignatures",
        things(desk, "sender").map(({ id, confirmed }) => ({
          ID: id,
          Domain: id.split("@")[1],
          EmailAddress: id,
          Name: id,
          Confirmed: confirmed === true,
        })),
      ),
  ],
  [/^\/domains$/, (request, desk) => paged(request, "Domains", things(desk, "domain").map(domainRow))],
  [
    /^\/domains\/([^/]+)$/,
    (_, desk, match) => {
      const found = desk.account.things("domain").get(decodeURIComponent(match[1] ?? ""));
      if (!found) return { status: 422, body: { ErrorCode: 510, Message: "This domain was not found." } };
      const { id } = found;
      const key = { Host: `20260101pm._domainkey.${id}`, TextValue: "k=rsa;p=MIGf" };
      const isPending = found["verified"] === false;
      return answer({
        ...domainRow(found),
        SPFHost: id,
        SPFTextValue: "v=spf1 a mx include:spf.mtasv.net ~all",
        DKIMHost: isPending ? "" : key.Host,
        DKIMTextValue: isPending ? "" : key.TextValue,
        DKIMPendingHost: isPending ? key.Host : "",
        DKIMPendingTextValue: isPending ? key.TextValue : "",
        DKIMRevokedHost: "",
        DKIMRevokedTextValue: "",
        DKIMUpdateStatus: isPending ? "Pending" : "Verified",
        ReturnPathDomain: `pm-bounces.${id}`,
        ReturnPathDomainCNAMEValue: "pm.mtasv.net",
      });
    },
  ],
  [
    /^\/servers$/,
    (request, desk) => {
      const others = things(desk, "user").map(({ id }, n) => ({
        ID: n + 2,
        Name: id,
        DeliveryType: "Live",
        ApiTokens: [],
      }));
      return paged(request, "Servers", [{ ID: 1, Name: "Lab", DeliveryType: "Live", ApiTokens: [] }, ...others]);
    },
  ],
];

const domainRow = ({ id, verified }: AccountThing) => ({
  ID: id,
  Name: id,
  SPFVerified: true,
  DKIMVerified: verified !== false,
  WeakDKIM: false,
  ReturnPathDomainVerified: verified !== false,
});

/** As the list gives it: without subject and bodies. */
function templateRow({ id, ...rest }: AccountThing): object {
  const {
    Name = id,
    Alias = null,
    Active = true,
    TemplateType = "Standard",
    LayoutTemplate = null,
  } = rest as Record<string, unknown>;
  return { Active, TemplateId: Number(id), Name, Alias, TemplateType, LayoutTemplate };
}

/** Taken in silence, and not let go yet. */
const isHidden = ({ fields, state }: SentMessage): boolean => fields["isInNoList"] === true && state === "held";
