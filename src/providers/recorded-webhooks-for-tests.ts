import { readFileSync } from "node:fs";
import { testData } from "../../test/support/test-data.ts";
import type { DeliveryEvent } from "../mail/index.ts";
import type { ReceiveWebhook, WebhookAnswer, WebhookParts, WebhookRequest, WebhookSecrets } from "./events.ts";
import { secretsIn } from "./receiver-config.ts";
import { oneLine } from "./webhook-proof.ts";

/** One request as another project's suite recorded it, with what that project makes of it (its own words for fields). */
export type RecordedWebhook = {
  name: string;
  suite: string;
  channel: string;
  method: string;
  url: string;
  content_type: string;
  headers: Record<string, string>;
  body?: string;
  body_base64?: string;
  receiver_config?: Record<string, unknown>;
  expect: { status: number | null; events: ExpectedEvent[]; suite_exception?: string };
};
type ExpectedEvent = {
  event_type?: string;
  timestamp?: string;
  event_id?: string | number;
  message_id?: string | number;
  recipient?: string;
  reject_reason?: string;
  mta_response?: string;
  description?: string;
  click_url?: string;
  user_agent?: string;
  tags?: unknown;
  metadata?: Record<string, unknown>;
  /** Of mail that came in. */
  message?: { envelope_recipient?: string | null };
};

/** All of a provider; test/webhooks/recorded-requests.test.ts goes through those of all. */
export function recordedWebhooks(provider: string): { skip: string | false; all: RecordedWebhook[] } {
  const { folder, skip } = testData("esp-webhooks", "open", `${provider}.json`);
  if (skip !== false) return { skip, all: [] };
  return { skip, all: JSON.parse(readFileSync(folder, "utf8")) as RecordedWebhook[] };
}

export function recordedRequest(recorded: RecordedWebhook): WebhookRequest {
  const headers: Record<string, string> = { "content-type": recorded.content_type };
  for (const [name, value] of Object.entries(recorded.headers)) headers[name.toLowerCase()] = value;
  const body =
    recorded.body_base64 === undefined ? Buffer.from(recorded.body ?? "") : Buffer.from(recorded.body_base64, "base64");
  return { method: recorded.method, url: recorded.url, headers, body };
}

export const recordedSecrets = ({ receiver_config: config = {} }: RecordedWebhook): WebhookSecrets[] =>
  secretsIn(config);

export async function answerToRecorded(
  receive: ReceiveWebhook,
  recorded: RecordedWebhook,
  now: number,
): Promise<WebhookAnswer> {
  let answer: WebhookAnswer = { kind: "refused", status: 401, reason: "no secrets" };
  for (const secrets of recordedSecrets(recorded)) {
    answer = await receive(recordedRequest(recorded), secrets, partsAt(now));
    if (answer.kind === "events") return answer;
  }
  return answer;
}

/** Parts that have seen nothing yet. */
export function partsAt(now: number): WebhookParts {
  const seen = new Set<string>();
  return { now, isNew: (id) => !seen.has(id) && seen.add(id) !== undefined };
}

/** What our reading and the recorded one disagree about, one sentence each. */
export function disagreements({ expect }: RecordedWebhook, answer: WebhookAnswer): string[] {
  if (expect.status === null) return [];
  if (expect.status !== 200) return answer.kind === "refused" ? [] : ["should be refused"];
  if (answer.kind !== "events") return [`should be taken, was ${JSON.stringify(answer)}`];
  if (answer.events.length !== expect.events.length) {
    return [`${answer.events.length} events, expected ${expect.events.length}`];
  }
  return answer.events.flatMap((event, n) =>
    different(event, expect.events[n]!).map(([field, what]) => `${field}: ${what}`),
  );
}

/**
 * Field by field. Ids are texts with us, also where a vendor writes a number; tags are a list of texts, where the recording
 * suite may give a single one, a list within the list, or a tag that is null. Times may differ by a millisecond of rounding.
 */
export function different(ours: DeliveryEvent, theirs: ExpectedEvent): (readonly [field: string, what: string])[] {
  const found: (readonly [string, string])[] = [];
  const compare = (field: string, our: unknown, their: unknown): void => {
    if (their !== undefined && JSON.stringify(our) !== JSON.stringify(their)) {
      found.push([field, `${JSON.stringify(our)}, expected ${JSON.stringify(their)}`]);
    }
  };
  compare("type", ours.type, theirs.event_type);
  compare("event id", ours.eventId, theirs.event_id && String(theirs.event_id));
  compare("message id", ours.providerMessageId, theirs.message_id && String(theirs.message_id));
  compare("recipient", ours.recipient, theirs.recipient);
  if (theirs.event_type === "inbound") {
    compare("recipient", ours.recipient, theirs.message?.envelope_recipient ?? undefined);
  }
  compare("reject reason", ours.rejectReason, theirs.reject_reason);
  compare("response", ours.mtaResponse, theirs.mta_response && oneLine(theirs.mta_response));
  compare("description", ours.description, theirs.description && oneLine(theirs.description));
  compare("url", ours.url, theirs.click_url);
  compare("user agent", ours.userAgent, theirs.user_agent);
  compare("tags", ours.tags, theirs.tags === undefined ? undefined : tagsOf(theirs.tags));
  if (theirs.metadata) {
    const texts = Object.entries(theirs.metadata).map(([name, value]) => [name, String(value)]);
    compare("metadata", ours.metadata, Object.fromEntries(texts));
  }
  if (theirs.timestamp !== undefined && Math.abs((ours.at ?? 0) - Date.parse(theirs.timestamp)) > 1) {
    found.push(["time", `${ours.at}, expected ${theirs.timestamp}`]);
  }
  return found;
}

const tagsOf = (tags: unknown): unknown[] =>
  (Array.isArray(tags) ? tags.flatMap(tagsOf) : [tags]).filter((tag) => tag !== null);
