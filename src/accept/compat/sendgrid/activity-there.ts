import type { EventEntry, MessageStory } from "../../../spool/index.ts";
import type { Status } from "./activity-query.ts";
import type { Activity } from "./activity.ts";
import { categoriesOf, customArgsOf } from "./labels.ts";
import { messageIdOf } from "./message-ids.ts";

const NOT_DELIVERED: ReadonlySet<string> = new Set([
  "message.bounced",
  "message.rejected",
  "message.expired",
  "message.suppressed",
  "message.cancelled",
]);
const DELIVERED: ReadonlySet<string> = new Set([
  "message.delivered",
  "message.opened",
  "message.clicked",
  "message.complained",
  "message.unsubscribed",
]);
export const statusAfter = (kind: string): Status =>
  NOT_DELIVERED.has(kind) ? "not_delivered" : DELIVERED.has(kind) ? "delivered" : "processed";

const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Subjects are not kept: they may hold a secret. */
export const activityInList = ({ spoolId, n, recipient, last, opens, clicks }: Activity): object => ({
  from_email: last.message.author,
  msg_id: messageIdOf(spoolId, n),
  subject: "",
  to_email: recipient,
  status: statusAfter(last.kind),
  opens_count: opens,
  clicks_count: clicks,
  last_event_time: instant(last.at),
});

const NAMES: Readonly<Record<string, string>> = {
  "message.accepted": "processed",
  "message.deferred": "deferred",
  "message.delayed": "deferred",
  "message.delivered": "delivered",
  "message.bounced": "bounced",
  "message.rejected": "bounced",
  "message.expired": "bounced",
  "message.suppressed": "dropped",
  "message.cancelled": "dropped",
  "message.complained": "spam_report",
  "message.unsubscribed": "unsubscribe",
  "message.opened": "opened",
  "message.clicked": "clicked",
};
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** What happened to one recipient, oldest first; null: of that their API has no word. */
function eventThere({ kind, at, reason, response, attempt, detail }: EventEntry): object | null {
  const name = NAMES[kind];
  if (name === undefined) return null;
  const said = response ?? reason;
  return {
    event_name: name,
    processed: instant(at),
    ...(said === null || name === "processed" ? {} : { reason: said }),
    ...(name === "deferred" ? { attempt_num: attempt ?? 1 } : {}),
    ...(name === "bounced" ? { bounce_type: detail["bounce"] === "hard" ? "hard" : "soft" } : {}),
    ...(name === "clicked" ? { url: textOf(detail["url"]) } : {}),
    ...(name === "clicked" || name === "opened" ? { http_user_agent: textOf(detail["userAgent"]) } : {}),
    mx_server: "",
  };
}

/** Addresses of machines, keys and templates are not kept with a message. */
export function activityThere(story: MessageStory, n: number, events: readonly EventEntry[], last: EventEntry): object {
  return {
    from_email: story.author,
    msg_id: messageIdOf(story.spoolId, n),
    subject: "",
    to_email: story.recipients[n]!.address,
    status: statusAfter(last.kind),
    template_id: "",
    asm_group_id: 0,
    teammate: "",
    api_key_id: "",
    originating_ip: "",
    events: events.flatMap((one) => eventThere(one) ?? []),
    categories: categoriesOf(story.tags),
    unique_args: JSON.stringify(customArgsOf(story.tags)),
    outbound_ip: "",
    outbound_ip_type: "shared",
  };
}
