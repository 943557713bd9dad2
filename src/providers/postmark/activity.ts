import { type AttemptId, type Clock, SECOND_MS } from "../../kernel/index.ts";
import { foldedAddress } from "../../mail/index.ts";
import type { ActivityItem, ActivityQuery, Asked } from "../account.ts";
import { isoTimeOf, type JsonRecord, recordOf, textOf, textsOf } from "../json-reading.ts";
import type { LookupAnswer } from "../provider.ts";
import type { Questions } from "./questions.ts";

/** Its search shows a message some time after it was taken; the pages give no bound. An empty answer before it proves nothing. */
const LOG_LAG_MS = 30 * SECOND_MS;
/** Two hundred a second for a minute; what falls out was taken long ago. */
const KEPT = 12_000;

/** When attempts of unknown end were made, so that an empty log is not believed too early. */
export class YoungAttempts {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #at = new Map<AttemptId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.monotonicMs();
  }

  add(attemptId: AttemptId): void {
    this.#at.set(attemptId, this.#clock.monotonicMs());
    const [oldest] = this.#at.keys();
    if (this.#at.size > KEPT && oldest !== undefined) this.#at.delete(oldest);
  }

  /** Attempts that are not known here were made by another node or before this start: no younger than it. */
  has(attemptId: AttemptId): boolean {
    return this.#clock.monotonicMs() - (this.#at.get(attemptId) ?? this.#startedAt) < LOG_LAG_MS;
  }
}

/**
 * GET /messages/outbound (postmarkapp.com/developer/api/messages-api, seen 2026-11-25): one `metadata_<key>` per search;
 * `messagestream` is "outbound" unless named; newest first.
 */
const search = (stream: string, more: string): string =>
  `/messages/outbound?messagestream=${encodeURIComponent(stream)}${more}`;

export async function lookUp(
  questions: Questions,
  stream: string,
  attemptId: AttemptId,
  young: YoungAttempts,
): Promise<LookupAnswer> {
  const path = search(stream, `&metadata_postern_attempt=${encodeURIComponent(attemptId)}`);
  const asked = await questions.list("server", path, "Messages", 10);
  if (asked.kind === "unavailable") return "unavailable";
  // A filter it did not know would be passed over: only what carries the id counts.
  if (asked.value.some((one) => recordOf(one["Metadata"])["postern_attempt"] === attemptId)) return "taken";
  return asked.value.length > 0 || young.has(attemptId) ? "unavailable" : "unknown";
}

/** One item per recipient. Dates of its query are Eastern Time without saying which, so times are compared here. */
export async function activityOf(
  questions: Questions,
  stream: string,
  { sinceMs, attemptId, recipient, limit }: ActivityQuery,
): Promise<Asked<ActivityItem[]>> {
  const filter =
    attemptId !== undefined
      ? `&metadata_postern_attempt=${encodeURIComponent(attemptId)}`
      : recipient !== undefined
        ? `&recipient=${encodeURIComponent(recipient)}`
        : "";
  const asked = await questions.list("server", search(stream, filter), "Messages", Math.max(1, limit));
  if (asked.kind === "unavailable") return asked;
  const value = asked.value
    .flatMap(itemsOf)
    .filter(
      (item) =>
        (item.at === null || item.at >= sinceMs) &&
        (attemptId === undefined || item.attemptId === attemptId) &&
        (recipient === undefined || foldedAddress(item.recipient) === foldedAddress(recipient)),
    )
    .slice(0, limit);
  return { kind: "answer", value };
}

function itemsOf(message: JsonRecord): ActivityItem[] {
  const from = textOf(message["From"]);
  return textsOf(message["Recipients"]).map((recipient) => ({
    providerMessageId: textOf(message["MessageID"]) ?? "",
    attemptId: textOf(recordOf(message["Metadata"])["postern_attempt"]),
    recipient,
    sender: from === null ? null : (/<([^<>]*)>\s*$/.exec(from)?.[1] ?? from),
    state: (textOf(message["Status"]) ?? "unknown").toLowerCase(),
    at: isoTimeOf(message["ReceivedAt"]),
  }));
}
