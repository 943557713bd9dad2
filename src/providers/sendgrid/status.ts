import type { AccountStatus, Asked } from "../account.ts";
import { numberOf, recordOf, textOf } from "../json-reading.ts";
import { type Ask, listIn } from "./ask.ts";

/**
 * May the account send? SendGrid has no word for it that a customer can ask for (account states are the resellers').
 * So: does the key that hands off still have the right to send (GET /v3/scopes), and are there credits left
 * (GET /v3/user/credits)? Reputation (GET /v3/user/account) is told, not judged. OpenAPI of these, seen 2026-11-25.
 * @param askAsSender with the key that hands off.  @param askAsReader with the key that may only read.
 */
export async function statusIn(askAsSender: Ask, askAsReader: Ask): Promise<Asked<AccountStatus>> {
  const scopes = await askAsSender("/v3/scopes");
  if (scopes.kind === "silent") return { kind: "unavailable", reason: scopes.reason };
  if (scopes.kind === "refused") return answer("suspended", `the key is refused: ${scopes.reason}`);
  const list = listIn(scopes.json, "scopes");
  if (list === null) return answer("unknown", "/v3/scopes gave no list");
  if (!list.includes("mail.send")) return answer("suspended", "the key has no right to send (mail.send)");

  const account = await askAsReader("/v3/user/account");
  const { type, reputation } = recordOf(account.kind === "told" ? account.json : null);
  const plan = textOf(type);
  const reputed = numberOf(reputation) === null ? "" : `, reputation ${numberOf(reputation)}`;
  const about = `plan ${plan ?? "unknown"}${reputed}`;

  const credits = await askAsReader("/v3/user/credits");
  if (credits.kind !== "told") return answer("active", `${about}, credits unknown`);
  const { remain, overage } = recordOf(credits.json);
  const left = numberOf(remain);
  const detail = `${about}, ${left ?? "unknown"} credits left`;
  if (left === null || left > 0) return answer("active", detail);
  // A free plan ends there; a paid one goes on at a price until somebody stops it.
  return plan === "paid"
    ? answer("limited", `${detail}, ${numberOf(overage) ?? 0} beyond`)
    : answer("suspended", detail);
}

const answer = (state: AccountStatus["state"], detail: string): Asked<AccountStatus> => ({
  kind: "answer",
  value: { state, detail: detail.slice(0, 300) },
});
