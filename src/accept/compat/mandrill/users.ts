import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { periods, recent } from "./activity.ts";
import { isError } from "./errors.ts";

/** Of reputation, quota and the account's age there is nothing here; a backlog of more is told as this many. */
const BACKLOG = 1_000;

export async function userInfo(_given: unknown, who: Submitter, parts: CompatParts): Promise<unknown> {
  const { tenant, credential } = who;
  const found = await recent({}, who, parts);
  const waiting = await parts.stories.list({ tenant, state: "queued" }, BACKLOG, null);
  return {
    username: tenant,
    created_at: null,
    public_id: credential,
    reputation: null,
    hourly_quota: null,
    backlog: waiting.messages.length,
    stats: isError(found) ? {} : periods(found, parts.clock.now()),
  };
}
