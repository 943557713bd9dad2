import type { AccountStatus, Asked } from "../account.ts";
import { type JsonRecord, numberOf, recordOf, textOf } from "../json-reading.ts";
import type { SesApi } from "./api.ts";

/** GetAccount (API reference v2, "GetAccount", seen 2026-11-25). */
export const ACCOUNT_PATH = "/v2/email/account";

export async function askStatus(api: SesApi): Promise<Asked<AccountStatus>> {
  const answer = await api.ask({ method: "GET", path: ACCOUNT_PATH });
  return answer.kind === "answer" ? { kind: "answer", value: statusOf(answer.value) } : answer;
}

/** The worst that it says counts; a word nobody knows is worse than a limit. */
export function statusOf(account: JsonRecord): AccountStatus {
  const enforcement = textOf(account["EnforcementStatus"]);
  if (enforcement === "SHUTDOWN") return { state: "suspended", detail: "AWS has shut down sending (SHUTDOWN)." };
  if (account["SendingEnabled"] === false)
    return { state: "suspended", detail: "Sending is disabled for the account." };
  if (enforcement !== "HEALTHY" && enforcement !== "PROBATION") {
    return { state: "unknown", detail: `Enforcement status ${enforcement?.slice(0, 50) ?? "missing"}.` };
  }
  if (account["SendingEnabled"] !== true)
    return { state: "unknown", detail: "It does not say whether sending is enabled." };
  if (enforcement === "PROBATION") return { state: "limited", detail: "The account is under review (PROBATION)." };
  if (account["ProductionAccessEnabled"] === false) {
    return {
      state: "limited",
      detail: "The account is in the sandbox: 200 messages a day, to verified recipients only.",
    };
  }
  const quota = recordOf(account["SendQuota"]);
  const most = numberOf(quota["Max24HourSend"]);
  const sent = numberOf(quota["SentLast24Hours"]);
  // -1: no quota.
  if (most !== null && sent !== null && most >= 0 && sent >= most) {
    return { state: "limited", detail: `The quota of ${most} messages in 24 hours is used up.` };
  }
  return { state: "active", detail: "Healthy." };
}
