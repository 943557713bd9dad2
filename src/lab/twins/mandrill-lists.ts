import type { PostureKind } from "../../providers/index.ts";
import { type JsonRecord, textOf, textsOf } from "./mandrill-fields.ts";
import type { AccountThing, SentMessage, TwinAccount } from "./account.ts";
import type { Desk } from "./dialect.ts";
import { type NamedError, namedError } from "./mandrill-errors.ts";
import { refusedBy } from "./mandrill-send.ts";

type Given = JsonRecord;
type Method = (given: Given, desk: Desk) => unknown;

/** `2013-01-01 15:30:27`, UTC. */
const timeOf = (thing: AccountThing): string =>
  new Date(typeof thing["at"] === "number" ? thing["at"] : Date.UTC(2022, 0, 1))
    .toISOString()
    .slice(0, 19)
    .replace("T", " ");

const list =
  (kind: PostureKind, row: (thing: AccountThing) => object, what?: string): Method =>
  (_given, { account }) =>
    [...account.things(kind).values()].filter((thing) => what === undefined || thing["what"] === what).map(row);

const NO_COUNTS = {
  sent: 0,
  hard_bounces: 0,
  soft_bounces: 0,
  rejects: 0,
  complaints: 0,
  unsubs: 0,
  opens: 0,
  clicks: 0,
};
const sender = (thing: AccountThing) => ({ address: thing.id, created_at: timeOf(thing), ...NO_COUNTS });
const validity = (valid: boolean) => ({ valid, valid_after: null, error: valid ? null : "no valid record found" });
const domain = (thing: AccountThing) => {
  const valid = thing["valid"] !== false;
  return {
    domain: thing.id,
    created_at: timeOf(thing),
    spf: validity(valid),
    dkim: validity(valid),
    verified_at: valid ? timeOf(thing) : null,
    valid_signing: valid,
  };
};
const webhook = (thing: AccountThing) => ({
  id: thing.id,
  url: thing["url"],
  description: thing["description"] ?? "",
  auth_key: thing["auth_key"] ?? `key of ${thing.id}`,
  events: thing["events"] ?? ["send", "hard_bounce", "reject"],
  created_at: timeOf(thing),
});
const reject = (thing: AccountThing) => ({
  email: thing.id,
  reason: thing["reason"] === "manual" ? "custom" : thing["reason"],
  detail: thing["detail"] ?? "",
  created_at: timeOf(thing),
  last_event_at: timeOf(thing),
  expires_at: null,
  expired: false,
});
const subaccount = (thing: AccountThing) => ({
  id: thing["name"],
  name: thing["name"],
  custom_quota: null,
  status: thing["status"],
  created_at: timeOf(thing),
});
/** `publish_…` is what goes out, the rest the draft; of a thing without such members both are the same. */
const template = (thing: AccountThing) => {
  const parts = ["code", "subject", "text", "from_email", "from_name"];
  const given = (name: string): unknown => thing[name] ?? (name === "code" ? "" : null);
  return {
    slug: thing.id,
    name: thing["name"] ?? thing.id,
    labels: thing["labels"] ?? [],
    ...Object.fromEntries(parts.map((name) => [name, given(name)])),
    ...Object.fromEntries(parts.map((name) => [`publish_${name}`, thing[`publish_${name}`] ?? given(name)])),
    published_at: thing["isDraft"] === true ? null : timeOf(thing),
    created_at: timeOf(thing),
    updated_at: timeOf(thing),
  };
};
const exportJob = (thing: AccountThing) => ({
  id: thing.id,
  type: thing["type"] ?? "activity",
  created_at: timeOf(thing),
  finished_at: timeOf(thing),
  state: thing["state"] ?? "complete",
  result_url: null,
});

/** Only those the adapter, the official client's tests and an intruder use; the rest of the API is not there. */
export const MANDRILL_METHODS: Readonly<Record<string, Method>> = {
  "users/ping": () => "PONG!",
  "users/ping2": () => ({ PING: "PONG!" }),
  "users/info": (_given, { account }) => ({
    username: "acme",
    created_at: "2022-01-01 00:00:00",
    public_id: "twin",
    reputation: 80,
    hourly_quota: 250,
    backlog: account.sent.filter(({ state }) => state === "held").length,
    stats: { all_time: { ...NO_COUNTS, sent: account.sent.length } },
  }),
  "users/senders": list("sender", sender),
  "senders/list": list("sender", sender),
  "senders/domains": list("domain", domain),
  "webhooks/list": list("webhook", webhook),
  "webhooks/add": (given, { account, clock }) => {
    const id = String(account.nextCount());
    account.put("webhook", { id, url: textOf(given["url"]), events: textsOf(given["events"]), at: clock.now() });
    return webhook(account.things("webhook").get(id)!);
  },
  "subaccounts/list": list("setting", subaccount, "subaccount"),
  "subaccounts/add": (given, { account, clock }) => {
    const name = textOf(given["id"]) ?? "";
    const thing = { id: `subaccount ${name}`, what: "subaccount", name, status: "active", at: clock.now() };
    account.put("setting", thing);
    return subaccount(thing);
  },
  "subaccounts/pause": (given, desk) => setStatus(given, desk, "paused"),
  // "Any future emails delivered to this subaccount will be queued … until the subaccount is resumed" (subaccounts/pause).
  "subaccounts/resume": (given, desk) => {
    const answer = setStatus(given, desk, "active");
    void desk.release(({ fields }) => fields["subaccount"] === textOf(given["id"]));
    return answer;
  },
  "exports/list": list("export", exportJob),
  "inbound/domains": (_given, { account }) =>
    [...new Set([...account.things("forwarding").values()].map((thing) => thing["domain"]))].map((name) => ({
      domain: name,
      created_at: "2022-01-01 00:00:00",
      valid_mx: true,
    })),
  "inbound/routes": (given, { account }) =>
    [...account.things("forwarding").values()]
      .filter((thing) => thing["domain"] === given["domain"])
      .map(({ id, pattern, url }) => ({ id, pattern, url })),
  // "Returns up to 1000 results"
  "rejects/list": (given, desk) => (list("suppression", reject)(given, desk) as object[]).slice(0, 1_000),
  "rejects/add": (given, { account, clock }) => {
    const email = (textOf(given["email"]) ?? "").toLowerCase();
    account.put("suppression", { id: email, email, reason: "manual", detail: given["comment"], at: clock.now() });
    return { email, added: true };
  },
  "rejects/delete": (given, { account }) => {
    const email = textOf(given["email"]) ?? "";
    return { email, deleted: account.things("suppression").delete(email.toLowerCase()) };
  },
  "allowlists/list": list(
    "setting",
    (thing) => ({ email: thing["email"], detail: "", created_at: timeOf(thing) }),
    "allowed",
  ),
  "allowlists/add": (given, { account, clock }) => {
    const email = textOf(given["email"]) ?? "";
    account.put("setting", { id: `allowed ${email}`, what: "allowed", email, at: clock.now() });
    return { email, added: true };
  },
  "templates/list": list("template", template),
  "urls/tracking-domains": list("tracking", (thing) => ({
    domain: thing.id,
    created_at: timeOf(thing),
    valid_tracking: true,
  })),
  "metadata/list": list("setting", ({ name, state }) => ({ name, state, view_template: "" }), "metadata"),
  "messages/search": (given, { account }) => search(given, account),
  "messages/info": (given, { account }) => {
    const found = account.find(textOf(given["id"]) ?? "");
    return found && found.state !== "held" ? sentRow(found) : unknownMessage(given);
  },
  "messages/content": (given, { account }) => {
    const found = account.find(textOf(given["id"]) ?? "");
    // Without a link to look at it, the content is not kept.
    if (!found || found.fields["viewcontentlink"] === "false") return unknownMessage(given);
    return { ...sentRow(found), text: found.raw?.toString("utf8") ?? "" };
  },
};

const unknownMessage = (given: Given): NamedError =>
  namedError("Unknown_Message", `No message exists with the id '${textOf(given["id"]) ?? ""}'`);

function setStatus(given: Given, { account }: Desk, status: string): unknown {
  const thing = account.things("setting").get(`subaccount ${textOf(given["id"])}`);
  if (!thing) return namedError("Unknown_Subaccount");
  thing["status"] = status;
  return subaccount(thing);
}

function sentRow(message: SentMessage) {
  const [email = ""] = message.recipients;
  return {
    ts: Math.floor(message.at / 1000),
    _id: message.id,
    sender: message.from,
    template: null,
    subject: message.subject,
    email,
    tags: message.tags,
    opens: 0,
    clicks: 0,
    // What was thrown away is "sent" too: its log is its word, not the world's.
    state: message.ends.get(email) === "bounced" ? "bounced" : "sent",
    metadata: message.metadata,
  };
}

/** A phrase in quotes is looked for in every indexed field; of metadata only fields that are indexed. What waits is not found. */
function search(given: Given, account: TwinAccount): object[] {
  const indexed = [...account.things("setting").values()]
    .filter(({ what }) => what === "metadata")
    .map(({ name }) => name);
  const refused = refusedBy(account).map(({ id, at, email, sender: from, subject, metadata }) => ({
    ts: Math.floor(at / 1000),
    _id: id,
    sender: from,
    subject,
    email,
    tags: [] as readonly string[],
    state: "rejected",
    metadata,
  }));
  const phrase = /^"(.*)"$/.exec(textOf(given["query"]) ?? "*")?.[1];
  const texts = (one: (typeof refused)[number]): string[] => [
    one.email,
    one.sender,
    one.subject,
    ...one.tags,
    ...Object.entries(one.metadata).flatMap(([name, value]) => (indexed.includes(name) ? [String(value)] : [])),
  ];
  return [...account.sent.filter(({ state }) => state !== "held").map(sentRow), ...refused]
    .filter((one) => phrase === undefined || texts(one).some((text) => text.includes(phrase)))
    .slice(0, Number(given["limit"] ?? 100));
}
