import { createHash } from "node:crypto";
import type { Asked, PostureItem } from "../account.ts";
import { booleanOf, type JsonRecord, recordOf, textOf, textsOf } from "../json-reading.ts";
import { PAGES, type Questions } from "./questions.ts";

const texts = (record: JsonRecord, ...names: string[]): PostureItem["facts"] =>
  Object.fromEntries(names.map((one) => [one, textOf(record[one])]));

/**
 * How the account is configured: who may send, who may use it, who listens. Each list is whole, or the answer is
 * `unavailable`; fields are those of Resend's OpenAPI document (resend-openapi fd6f395, seen 2026-11-24).
 */
export async function askPosture(questions: Questions): Promise<Asked<PostureItem[]>> {
  const lists: ((questions: Questions) => Promise<Asked<PostureItem[]>>)[] = [
    (of) => whole(of, "/domains", domainItems),
    // `last_used_at` changes with every use and is no setting.
    (of) => whole(of, "/api-keys", (one) => [item("key", one, texts(one, "name", "created_at"))]),
    (of) => whole(of, "/oauth/grants", grantItems),
    (of) => whole(of, "/webhooks", webhookItems),
    (of) =>
      whole(of, "/templates", (one) => [
        item("template", one, texts(one, "name", "status", "updated_at", "published_at")),
      ]),
    suppressions,
  ];
  const items: PostureItem[] = [];
  for (const list of lists) {
    const part = await list(questions); // one after another: an account has five requests a second
    if (part.kind === "unavailable") return part;
    items.push(...part.value);
  }
  return { kind: "answer", value: items };
}

const item = (kind: PostureItem["kind"], one: JsonRecord, facts: PostureItem["facts"]): PostureItem => ({
  kind,
  id: textOf(one["id"]) ?? "",
  facts,
});

function domainItems(one: JsonRecord): PostureItem[] {
  const capabilities = recordOf(one["capabilities"]);
  const domain: PostureItem = {
    kind: "domain",
    id: textOf(one["name"]) ?? "",
    facts: { ...texts(one, "id", "status", "region"), ...texts(capabilities, "sending", "receiving") },
  };
  const tracking = ["open_tracking", "click_tracking"].map((what): PostureItem => ({
    kind: "tracking",
    id: `${domain.id} ${what}`,
    facts: { active: booleanOf(one[what]) },
  }));
  return [domain, ...tracking];
}

function grantItems(one: JsonRecord): PostureItem[] {
  const facts = {
    client: textOf(recordOf(one["client"])["name"]),
    scopes: textsOf(one["scopes"]).join(" "),
    ...texts(one, "client_id", "created_at", "revoked_at"),
  };
  return [{ kind: "key", id: `oauth ${textOf(one["id"]) ?? ""}`, facts }];
}

/** Its address may hold a password or a secret path: where it leads is kept, and by which it is known again. */
function webhookItems(one: JsonRecord): PostureItem[] {
  const endpoint = textOf(one["endpoint"]) ?? "";
  const facts = {
    host: URL.canParse(endpoint) ? new URL(endpoint).host : "unreadable",
    fingerprint: createHash("sha256").update(endpoint).digest("hex").slice(0, 16),
    events: textsOf(one["events"]).toSorted().join(" "),
    ...texts(one, "status"),
  };
  return [item("webhook", one, facts)];
}

async function whole(
  questions: Questions,
  path: string,
  read: (one: JsonRecord) => PostureItem[],
): Promise<Asked<PostureItem[]>> {
  const items: PostureItem[] = [];
  const answer = await questions.list(path, (one) => void items.push(...read(one)));
  if (answer.kind === "unavailable") return { kind: "unavailable", reason: `${path}: ${answer.reason}` };
  if (!answer.value.isWhole) return { kind: "unavailable", reason: `${path}: more than ${PAGES} pages` };
  return { kind: "answer", value: items };
}

/** Somebody added here in silence gets no more mail. A longer list than can be read is told as such, not cut. */
async function suppressions(questions: Questions): Promise<Asked<PostureItem[]>> {
  const items: PostureItem[] = [];
  const answer = await questions.list("/suppressions", (one) => {
    items.push({
      kind: "suppression",
      id: textOf(one["email"])?.toLowerCase() ?? "",
      facts: texts(one, "origin", "created_at"),
    });
  });
  if (answer.kind === "unavailable") return { kind: "unavailable", reason: `/suppressions: ${answer.reason}` };
  if (answer.value.isWhole) return { kind: "answer", value: items };
  return { kind: "answer", value: [{ kind: "setting", id: "suppressions", facts: { isTooLongToCompare: true } }] };
}
