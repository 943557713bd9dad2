import { type Clock, MINUTE_MS } from "../../kernel/index.ts";
import type { AccountStatus, Asked } from "../account.ts";
import { isoTimeOf, textOf } from "../json-reading.ts";
import type { Questions } from "./questions.ts";

/** What has waited in Postmark's queue longer than this waits for a person. */
const QUEUED_MS = 10 * MINUTE_MS;

/**
 * No call of Postmark's says that an account may not send; the answer to a hand-off does (outcomes.ts). What can be seen: a
 * token that is refused, a sandbox server, which delivers nothing, and mail that stays queued. An account that was unused for
 * months was seen to answer "OK" and to queue in silence, with nothing of it in any list (2025-10-01); so "active" is never said.
 */
export async function statusOf(questions: Questions, stream: string, clock: Clock): Promise<Asked<AccountStatus>> {
  const asked = await questions.get("server", "/server");
  if (asked.kind === "unavailable") {
    return /^HTTP 401\b/.test(asked.reason) ? said("suspended", "The server token is refused.") : asked;
  }
  const type = textOf(asked.value["DeliveryType"]);
  if (type === "Sandbox") return said("suspended", "A sandbox server: it takes messages and delivers none.");
  const queue = `/messages/outbound?messagestream=${encodeURIComponent(stream)}&status=queued`;
  const queued = await questions.list("server", queue, "Messages", 500);
  if (queued.kind === "unavailable") return queued;
  const stuck = queued.value.filter((one) => {
    const at = isoTimeOf(one["ReceivedAt"]);
    return one["Status"] === "Queued" && at !== null && clock.now() - at > QUEUED_MS;
  });
  if (stuck.length > 0) return said("limited", `${stuck.length} messages have been queued for more than 10 minutes.`);
  return said("unknown", "The server answers; whether the account may send is told only with a message.");
}

const said = (state: AccountStatus["state"], detail: string): Asked<AccountStatus> => ({
  kind: "answer",
  value: { state, detail },
});
