import type { AccountStatus, Asked } from "../account.ts";
import { listOf, numberOf, recordOf, textOf } from "../json-reading.ts";
import type { Ask } from "./api.ts";

/**
 * users/info and, where one is used, the subaccount: no call says "suspended". What says it is an hourly quota of nothing, a
 * paused subaccount, or mail that piles up (`backlog`: "the number of emails that are queued for delivery due to
 * exceeding your monthly or hourly quotas", seen 2026-11-25).
 */
export async function accountStatus(ask: Ask, subaccount: string | null): Promise<Asked<AccountStatus>> {
  const asked = await ask("users/info");
  if (asked.kind === "unavailable") return asked;
  const info = recordOf(asked.value);
  const reputation = numberOf(info["reputation"]);
  const quota = numberOf(info["hourly_quota"]);
  const backlog = numberOf(info["backlog"]);
  if (quota === null) return answer("unknown", "users/info gives no hourly quota.");
  const numbers = `reputation ${reputation ?? "unknown"}, hourly quota ${quota}, backlog ${backlog ?? "unknown"}`;
  if (quota === 0) return answer("suspended", numbers);
  const channel = await channelStatus(ask, subaccount);
  if (channel !== null && channel.kind === "unavailable") return channel;
  if (channel?.value.state === "suspended" || channel?.value.state === "unknown") return channel;
  return answer(backlog === null ? "unknown" : backlog > 0 ? "limited" : "active", numbers);
}

async function channelStatus(ask: Ask, subaccount: string | null): Promise<Asked<AccountStatus> | null> {
  if (subaccount === null) return null;
  const asked = await ask("subaccounts/list");
  if (asked.kind === "unavailable") return asked;
  const found = listOf(asked.value)
    .map(recordOf)
    .find((one) => one["id"] === subaccount);
  if (!found) return answer("suspended", "The subaccount does not exist (any more).");
  const status = textOf(found["status"]);
  if (status === "paused") return answer("suspended", "The subaccount is paused: mail is kept for three days at most.");
  return answer(status === "active" ? "active" : "unknown", `The subaccount is ${status ?? "without a status"}.`);
}

const answer = (state: AccountStatus["state"], detail: string): Asked<AccountStatus> => ({
  kind: "answer",
  value: { state, detail: detail.slice(0, 300) },
});
