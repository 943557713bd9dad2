import type { Lane, Statement } from "../../store/index.ts";
import { instantArray } from "../../store/index.ts";
import { CANARY_TENANT } from "./hand-offs.ts";
import { sampleNumber } from "./sample.ts";

/** What a provider told of a message, as it was written down. */
export type Told = {
  eventId: number;
  spoolId: string;
  isCanary: boolean;
  kind: string;
  /** When it happened, by the provider's clock. */
  at: number;
  provider: string;
  attempt: number;
  recipients: number[];
  /** Its log was asked; it did not tell by itself. */
  isOfLog: boolean;
  /** Its way ended, one way or the other: the provider has worked on it. A delay is no end. */
  isEnd: boolean;
};

const ROWS = 4_000;
const KINDS = [
  "message.delivered",
  "message.delayed",
  "message.bounced",
  "message.rejected",
  "message.complained",
  "message.unsubscribed",
  "message.opened",
  "message.clicked",
];

/** Index: the primary key. 1,200 events of the last seconds, 316 of them in the sample: 0.3 ms of a million. */
const TOLD: Statement = {
  name: "evidence-told",
  text: `
SELECT event_id, spool_id, tenant, kind, at, detail ->> 'provider', (detail ->> 'attempt')::int, detail -> 'recipients', detail ->> 'source', detail ->> 'cause'
FROM message_events
WHERE event_id > $1 AND kind = ANY($2) AND (${sampleNumber("spool_id")} < $3 OR tenant = '${CANARY_TENANT}')
ORDER BY event_id LIMIT ${ROWS}`,
};
const LATEST: Statement = { name: "evidence-latest", text: "SELECT coalesce(max(event_id), 0) FROM message_events" };
/** Index: message_events_by_time. Once, when a node begins to lead: ten minutes of a million events, 200 a second, 22 ms. */
const FIRST: Statement = {
  name: "evidence-first",
  // OFFSET 0: else the primary key is gone through from its beginning for the least one.
  text: `SELECT min(event_id) - 1 FROM (SELECT event_id FROM message_events WHERE at > ($1::timestamptz[])[1] OFFSET 0) recent`,
};

export async function latestEvent(execute: Lane["execute"]): Promise<number> {
  return (await execute(LATEST, []))[0]![0] as number;
}

/** The event before the first one after `since`; null: there is none. */
export async function eventBefore(execute: Lane["execute"], since: number): Promise<number | null> {
  return (await execute(FIRST, [instantArray([since])]))[0]![0] as number | null;
}

/** @param after its id. @returns at most ROWS of them, in the order of their ids */
export async function toldAfter(
  execute: Lane["execute"],
  after: number,
  below: number,
): Promise<{ told: Told[]; more: boolean }> {
  const rows = await execute(TOLD, [after, KINDS, below]);
  const told = rows.flatMap((row): Told[] => {
    const [eventId, spoolId, tenant, kind, at, provider, attempt, recipients, source, cause] = row as [
      number,
      string,
      string,
      string,
      number,
      string | null,
      number | null,
      number[] | null,
      string | null,
      string | null,
    ];
    if (provider === null || attempt === null) return [];
    // One without this beginning was refused at hand-off: nobody told it afterwards.
    if (kind === "message.rejected" && !/^(?:bounced|refused-by-provider): /.test(cause ?? "")) return [];
    return [
      {
        eventId,
        spoolId,
        isCanary: tenant === CANARY_TENANT,
        kind,
        at,
        provider,
        attempt,
        recipients: recipients ?? [],
        isOfLog: source === "log",
        isEnd: kind !== "message.delayed",
      },
    ];
  });
  return { told, more: rows.length === ROWS };
}
