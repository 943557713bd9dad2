import { MINUTE_MS } from "../../kernel/index.ts";
import type { ActivityItem, ActivityQuery, Asked } from "../account.ts";
import type { Ask } from "./ask.ts";
import { messageIdOf } from "./event.ts";
import { attemptOf, searchLog } from "./logs.ts";

/**
 * What SendGrid says it sent: from the Email Activity API, else from the Email Logs. The details of each message are asked
 * for too, one after the other: without them nobody could tell our messages from those that somebody else sent as us.
 */
export async function activityIn(ask: Ask, query: ActivityQuery, now: number): Promise<Asked<ActivityItem[]>> {
  const wanted = { ...query, untilMs: now + MINUTE_MS };
  let found = await searchLog(ask, "activity", wanted, query.limit);
  if (found.kind === "refused") found = await searchLog(ask, "logs", wanted, query.limit);
  if (found.kind !== "entries") return { kind: "unavailable", reason: found.reason };
  const items: ActivityItem[] = [];
  for (const { id, ...entry } of found.entries) {
    const attemptId = await attemptOf(ask, found.log, id);
    if (attemptId === undefined) return { kind: "unavailable", reason: "the details of a message could not be read" };
    if (query.attemptId !== undefined && attemptId !== query.attemptId) continue;
    items.push({ providerMessageId: messageIdOf(id)!, attemptId, ...entry });
  }
  return { kind: "answer", value: items };
}
