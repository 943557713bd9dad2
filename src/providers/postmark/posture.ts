import type { Asked, PostureItem, PostureKind } from "../account.ts";
import { booleanOf, type JsonRecord, listOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { addressOf, fingerprint } from "../posture-marks.ts";
import { type Questions, type TokenKind, unavailable } from "./questions.ts";

type Facts = PostureItem["facts"];
/** Beyond it an account is not compared piece by piece. */
const MOST = 10_000;

/** A list of the account's configuration: each of its rows is one item, named by one of its members. */
type Part = {
  token: TokenKind;
  path: string;
  member: string;
  kind: PostureKind;
  prefix?: string;
  name: string;
  facts: (row: JsonRecord) => Facts;
  /** Lists without pages take no count and offset. */
  isPaged: boolean;
};

const texts = (row: JsonRecord, ...names: readonly string[]): Facts =>
  Object.fromEntries(names.map((name) => [name, booleanOf(row[name]) ?? textOf(row[name])]));

/** Members: signatures, domains, servers, webhooks, message streams, templates and inbound rules APIs (postmarkapp.com/developer/api, seen 2026-11-25). */
const PARTS: readonly Part[] = [
  {
    token: "account",
    path: "/senders",
    member: "SenderSignatures",
    kind: "sender",
    name: "EmailAddress",
    facts: (row) => texts(row, "ID", "Name", "Confirmed", "ReplyToEmailAddress"),
    isPaged: true,
  },
  {
    token: "account",
    path: "/domains",
    member: "Domains",
    kind: "domain",
    name: "Name",
    facts: (row) => texts(row, "ID", "SPFVerified", "DKIMVerified", "WeakDKIM", "ReturnPathDomainVerified"),
    isPaged: true,
  },
  {
    token: "account",
    path: "/servers",
    member: "Servers",
    kind: "setting",
    prefix: "server ",
    name: "ID",
    facts: (row) => ({
      ...texts(row, "Name", "DeliveryType", "SmtpApiActivated"),
      tokens: fingerprint(textsOf(row["ApiTokens"]).toSorted()),
      inboundHook: addressOf(row["InboundHookUrl"]),
    }),
    isPaged: true,
  },
  {
    token: "server",
    path: "/webhooks",
    member: "Webhooks",
    kind: "webhook",
    name: "ID",
    facts: (row) => ({
      url: addressOf(row["Url"]),
      stream: textOf(row["MessageStream"]),
      triggers: JSON.stringify(row["Triggers"] ?? null),
      credentials: fingerprint([row["HttpAuth"], row["HttpHeaders"]]),
    }),
    isPaged: false,
  },
  {
    token: "server",
    path: "/templates",
    member: "Templates",
    kind: "template",
    name: "TemplateId",
    facts: (row) => texts(row, "Name", "Alias", "Active", "TemplateType", "LayoutTemplate"),
    isPaged: true,
  },
  {
    token: "server",
    path: "/triggers/inboundrules",
    member: "InboundRules",
    kind: "forwarding",
    prefix: "inbound rule ",
    name: "ID",
    facts: (row) => texts(row, "Rule"),
    isPaged: true,
  },
];

/**
 * All of it or nothing: of half a picture nobody can say what is missing in it. Senders, domains and servers are the
 * account's, and only its own token shows them; without one (`readKey`) these kinds are not given at all.
 */
export async function postureOf(questions: Questions): Promise<Asked<PostureItem[]>> {
  const parts = PARTS.filter(({ token }) => questions.has(token));
  const found = await Promise.all([
    ...parts.map((part) => partOf(questions, part)),
    serverOf(questions),
    streamsOf(questions),
  ]);
  const value: PostureItem[] = [];
  for (const one of found) {
    if (one.kind === "unavailable") return one;
    value.push(...one.value);
  }
  return { kind: "answer", value };
}

async function partOf(questions: Questions, part: Part): Promise<Asked<PostureItem[]>> {
  const asked = part.isPaged
    ? await questions.list(part.token, part.path, part.member, MOST)
    : await wholeList(questions, part.token, part.path, part.member);
  if (asked.kind === "unavailable") return unavailable(`${part.path}: ${asked.reason}`);
  const value = asked.value.map((row) => ({
    kind: part.kind,
    id: `${part.prefix ?? ""}${textOf(row[part.name]) ?? "unnamed"}`,
    facts: part.facts(row),
  }));
  return { kind: "answer", value };
}

async function wholeList(
  questions: Questions,
  token: TokenKind,
  path: string,
  member: string,
): Promise<Asked<JsonRecord[]>> {
  const asked = await questions.get(token, path);
  if (asked.kind === "unavailable") return asked;
  const rows = asked.value[member];
  return Array.isArray(rows)
    ? { kind: "answer", value: listOf(rows).map(recordOf) }
    : unavailable(`the answer has no list ${member}`);
}

/** GET /server: its tokens, where received mail goes, and tracking: TrackOpens here is forced on every message. */
async function serverOf(questions: Questions): Promise<Asked<PostureItem[]>> {
  const asked = await questions.get("server", "/server");
  if (asked.kind === "unavailable") return unavailable(`/server: ${asked.reason}`);
  const server = asked.value;
  const keys = textsOf(server["ApiTokens"]).map((token): PostureItem => {
    const id = fingerprint(token);
    return { kind: "key", id, facts: {} };
  });
  const forwarding = ["InboundHookUrl", "BounceHookUrl", "OpenHookUrl", "DeliveryHookUrl", "ClickHookUrl"];
  return {
    kind: "answer",
    value: [
      ...keys,
      { kind: "tracking", id: "server", facts: texts(server, "TrackOpens", "TrackLinks") },
      {
        kind: "forwarding",
        id: "server hooks",
        facts: {
          ...Object.fromEntries(forwarding.map((name) => [name, addressOf(server[name])])),
          ...texts(server, "InboundDomain", "InboundAddress"),
        },
      },
      {
        kind: "setting",
        id: "server",
        facts: texts(
          server,
          "ID",
          "Name",
          "DeliveryType",
          "SmtpApiActivated",
          "RawEmailEnabled",
          "EnableSmtpApiErrorHooks",
        ),
      },
    ],
  };
}

/** Streams, and of each who was put on its list of suppressions by hand: bounces and complaints come and go. */
async function streamsOf(questions: Questions): Promise<Asked<PostureItem[]>> {
  const streams = await wholeList(questions, "server", "/message-streams", "MessageStreams");
  if (streams.kind === "unavailable") return unavailable(`/message-streams: ${streams.reason}`);
  const value: PostureItem[] = [];
  for (const stream of streams.value) {
    const id = textOf(stream["ID"]) ?? "unnamed";
    const handling = recordOf(stream["SubscriptionManagementConfiguration"])["UnsubscribeHandlingType"];
    value.push({
      kind: "setting",
      id: `stream ${id}`,
      facts: {
        ...texts(stream, "Name", "MessageStreamType", "CreatedAt", "ArchivedAt"),
        unsubscribe: textOf(handling),
      },
    });
    if (stream["MessageStreamType"] === "Inbound") continue;
    const path = `/message-streams/${encodeURIComponent(id)}/suppressions/dump`;
    const dump = await wholeList(questions, "server", path, "Suppressions");
    if (dump.kind === "unavailable") return unavailable(`${path}: ${dump.reason}`);
    const byHand = dump.value.filter((row) => row["Origin"] !== "Recipient");
    const newestAt =
      byHand
        .map((row) => textOf(row["CreatedAt"]) ?? "")
        .toSorted()
        .at(-1) ?? null;
    value.push({ kind: "suppression", id: `${id} by hand`, facts: { count: byHand.length, newestAt } });
  }
  return { kind: "answer", value };
}
