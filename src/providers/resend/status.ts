import type { AccountStatus, Asked } from "../account.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { recordOf, textOf } from "../json-reading.ts";
import type { Questions } from "./questions.ts";

/**
 * May the account send? Nothing says so for the whole account; a suspended key, and domains that are no longer verified or
 * may no longer send, do (GET /domains: `status`, `capabilities.sending`; Resend OpenAPI, seen 2026-11-24).
 * @param domain the one we send from; null: any will do.
 */
export async function askStatus(questions: Questions, domain: string | null): Promise<Asked<AccountStatus>> {
  const stands: { name: string; state: AccountStatus["state"]; why: string }[] = [];
  const read = await questions.list("/domains", (one) => {
    const name = textOf(one["name"])?.toLowerCase() ?? "";
    if (domain !== null && name !== domain.toLowerCase()) return;
    const status = textOf(one["status"]) ?? "no status";
    const maySend = textOf(recordOf(one["capabilities"])["sending"]) !== "disabled";
    stands.push({ name, ...standOf(status, maySend) });
  });
  if (read.kind === "unavailable") {
    return read.reason === "suspended_api_key" ? answer("suspended", "The key is suspended.") : read;
  }
  const best = stands.find(({ state }) => state === "active") ?? stands[0];
  if (!best)
    return answer("suspended", domain === null ? "The account has no domain." : `The account has no domain ${domain}.`);
  return answer(best.state, `The domain ${best.name} ${best.why}.`);
}

function standOf(status: string, maySend: boolean): { state: AccountStatus["state"]; why: string } {
  if (!maySend) return { state: "suspended", why: "may not send" };
  switch (status) {
    case "verified":
      return { state: "active", why: "is verified" };
    case "partially_verified":
    case "partially_failed": // of several records one is missing; mail still goes out
      return { state: "limited", why: `is ${status}` };
    case "pending":
    case "failed":
    case "not_started":
      return { state: "suspended", why: `is not verified (${status})` };
    default:
      return { state: "unknown", why: `has the status ${status}` };
  }
}

const answer = (state: AccountStatus["state"], detail: string): Asked<AccountStatus> => ({
  kind: "answer",
  value: { state, detail: diagnosticOf(detail) },
});
