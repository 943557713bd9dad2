import { createHash } from "node:crypto";
import type { Asked, PostureItem } from "../account.ts";
import { booleanOf, type JsonRecord, listOf, numberOf, recordOf, textOf, textsOf } from "../json-reading.ts";
import { PAGES, type Questions } from "./questions.ts";

type Facts = PostureItem["facts"];
const item = (kind: PostureItem["kind"], id: string, facts: Facts): PostureItem => ({ kind, id, facts });
const texts = (record: JsonRecord, ...names: string[]): Facts =>
  Object.fromEntries(names.map((one) => [one, textOf(record[one])]));
const flags = (record: JsonRecord, ...names: string[]): Facts =>
  Object.fromEntries(names.map((one) => [one, booleanOf(record[one])]));

/**
 * How the account is configured: every way to send, forward or listen in it. Each list is whole, or the answer is
 * `unavailable`; paths and fields are those of Mailgun's OpenAPI document (seen 2026-11-24).
 */
export async function askPosture(questions: Questions): Promise<Asked<PostureItem[]>> {
  const domain = encodeURIComponent(questions.domain);
  const parts = await Promise.all([
    list(questions, "/v4/domains", "items", 1000, (one) => [
      item("domain", textOf(one["name"]) ?? "", {
        ...texts(one, "state", "type", "spam_action", "archive_to", "tracking_host"),
        ...flags(one, "require_tls", "skip_verification", "wildcard", "use_automatic_sender_security"),
      }),
    ]),
    // The way to read a customer's answers, or to answer in our place.
    list(questions, "/v3/routes", "items", 1000, (one) => [
      item("forwarding", textOf(one["id"]) ?? "", {
        ...texts(one, "expression", "description"),
        priority: numberOf(one["priority"]),
        actions: textsOf(one["actions"]).map(withoutSecret).join(" "),
      }),
    ]),
    list(questions, `/v3/domains/${domain}/credentials`, "items", 1000, (one) => [
      item("key", `smtp ${textOf(one["login"]) ?? ""}`, texts(one, "created_at")),
    ]),
    whole(questions, "/v1/keys", ({ items }) =>
      listOf(items)
        .map(recordOf)
        .map((one) =>
          item("key", textOf(one["id"]) ?? "", {
            ...texts(one, "description", "kind", "role", "domain_name", "requestor", "created_at", "expires_at"),
            ...flags(one, "is_disabled"),
          }),
        ),
    ),
    list(questions, "/v5/users", "users", 1000, (one) => [
      item("user", textOf(one["email"]) ?? "", {
        ...texts(one, "role"),
        ...flags(one, "is_disabled", "tfa_enabled", "is_master"),
      }),
    ]),
    list(questions, "/v5/accounts/subaccounts", "subaccounts", 1000, (one) => [
      item("user", `subaccount ${textOf(one["id"]) ?? ""}`, texts(one, "name", "status")),
    ]),
    whole(questions, `/v3/domains/${domain}/webhooks`, ({ webhooks }) =>
      Object.entries(recordOf(webhooks)).flatMap(([event, one]) =>
        textsOf(recordOf(one)["urls"]).map((url) =>
          item("webhook", `${event} ${fingerprint(url)}`, { event, origin: originOf(url) }),
        ),
      ),
    ),
    whole(questions, `/v3/domains/${domain}/tracking`, ({ tracking }) =>
      Object.entries(recordOf(tracking)).flatMap(([what, one]) =>
        typeof one === "object" ? [item("tracking", what, flags(recordOf(one), "active"))] : [],
      ),
    ),
    whole(questions, "/v3/ips", ({ items }) => textsOf(items).map((ip) => item("setting", `ip ${ip}`, {}))),
    suppressions(questions, "bounces"),
    suppressions(questions, "complaints"),
    suppressions(questions, "unsubscribes"),
  ]);
  const missing = parts.find((part) => part.kind === "unavailable");
  if (missing) return missing;
  return { kind: "answer", value: parts.flatMap((part) => (part.kind === "answer" ? part.value : [])) };
}

async function whole(
  questions: Questions,
  path: string,
  read: (body: JsonRecord) => PostureItem[],
): Promise<Asked<PostureItem[]>> {
  const answer = await questions.get(path);
  if (answer.kind === "unavailable") return { kind: "unavailable", reason: `${path}: ${answer.reason}` };
  return { kind: "answer", value: read(answer.value) };
}

/** Lists that are paged by `skip` and `limit`. */
async function list(
  questions: Questions,
  path: string,
  member: string,
  limit: number,
  read: (one: JsonRecord) => PostureItem[],
): Promise<Asked<PostureItem[]>> {
  const found: PostureItem[] = [];
  for (let n = 0; n < PAGES; n++) {
    let count = 0;
    const page = await whole(questions, `${path}?limit=${limit}&skip=${n * limit}`, (body) => {
      const items = listOf(body[member]).map(recordOf);
      count = items.length;
      return items.flatMap(read);
    });
    if (page.kind === "unavailable") return page;
    found.push(...page.value);
    if (count < limit) return { kind: "answer", value: found };
  }
  return { kind: "unavailable", reason: `${path}: more than ${PAGES * limit} items` };
}

/** Somebody added here in silence gets no more mail. Longer lists than can be read are counted as such, not cut. */
async function suppressions(questions: Questions, what: string): Promise<Asked<PostureItem[]>> {
  const found: PostureItem[] = [];
  const path = `/v3/${encodeURIComponent(questions.domain)}/${what}?limit=1000`;
  const read = await questions.pages(
    path,
    () => false,
    (one) =>
      found.push(
        item("suppression", `${what} ${textOf(one["address"])?.toLowerCase() ?? ""}`, texts(one, "code", "created_at")),
      ),
  );
  if (read.kind === "unavailable") return { kind: "unavailable", reason: `${what}: ${read.reason}` };
  if (read.value.isWhole) return { kind: "answer", value: found };
  return { kind: "answer", value: [item("setting", `${what} list`, { isTooLongToCompare: true })] };
}

/** An address may carry a password or a secret path: where it leads is kept, and by which it is known again. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "unreadable";
}
export const fingerprint = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
/** `forward("https://user:secret@host/path")`. */
const withoutSecret = (action: string): string =>
  action.replace(/https?:\/\/[^"'\s)]+/g, (url) => `${originOf(url)}#${fingerprint(url)}`);
