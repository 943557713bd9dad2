import type { AccountStatus, Asked } from "../account.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { recordOf, textOf } from "../json-reading.ts";
import type { Questions } from "./questions.ts";

/**
 * May the domain send? GET /v4/domains/{name} (`state`: active, unverified, disabled; `is_disabled`, `disabled.reason`) and
 * GET /v3/domains/{name}/sending_queues, whose queues are closed one by one (Mailgun's OpenAPI document, seen 2026-11-24).
 */
export async function askStatus(questions: Questions): Promise<Asked<AccountStatus>> {
  const name = encodeURIComponent(questions.domain);
  const [found, queues] = await Promise.all([
    questions.get(`/v4/domains/${name}`),
    questions.get(`/v3/domains/${name}/sending_queues`),
  ]);
  if (found.kind === "unavailable") return found;
  const domain = recordOf(found.value["domain"]);
  const state = textOf(domain["state"]) ?? "no state";
  if (state === "disabled" || domain["is_disabled"] === true || isSet(domain["disabled"])) {
    const { code, reason } = recordOf(domain["disabled"]);
    const why = [textOf(code), textOf(reason)].filter((one) => one !== null).join(": ");
    return answer("suspended", `The domain is disabled${why === "" ? "" : ` (${why})`}.`);
  }
  if (state === "unverified") return answer("suspended", "The domain is unverified and may not send.");
  if (state !== "active") return answer("unknown", `The domain's state is ${state}.`);
  const closed = queues.kind === "answer" ? recordOf(queues.value["regular"]) : {};
  if (closed["is_disabled"] === true) {
    return answer(
      "limited",
      `The sending queue is closed: ${textOf(recordOf(closed["disabled"])["reason"]) ?? "no reason"}.`,
    );
  }
  return answer("active", "The domain is active.");
}

const answer = (state: AccountStatus["state"], detail: string): Asked<AccountStatus> => ({
  kind: "answer",
  value: { state, detail: diagnosticOf(detail) },
});

const isSet = (value: unknown): boolean => value !== undefined && value !== null;
