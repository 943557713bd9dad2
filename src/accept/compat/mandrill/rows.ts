import type { EventEntry, EventFilter, MessageFilter, StoryReader } from "../../../spool/index.ts";
import { present } from "../present.ts";
import { validationError } from "./errors.ts";
import type { Happened, Row } from "./message-there.ts";

const PAGE = 500;
/** Messages looked through for one question: some seconds of the database at most. */
const LOOKED_THROUGH = 20_000;
/** Events read for one answer; one with more tells of the newest. */
const EVENTS = 20_000;

const TOLD = [
  "message.delivered",
  "message.delayed",
  "message.deferred",
  "message.bounced",
  "message.rejected",
  "message.complained",
  "message.unsubscribed",
  "message.opened",
  "message.clicked",
];

/** Rows behind an answer in numbers: of more none is given, as it would be wrong. */
export const COUNTED = 20_000;
export const TOO_MANY = validationError(
  "That are more messages than are counted at once. Ask for fewer days, or narrow the query.",
);

type Found = {
  rows: Row[];
  /** False: there was more to look through than is looked through. */
  isWhole: boolean;
};

export type Counted = Found & { happened: (row: Row) => Happened };

/** Messages under any of the filters, by recipient, newest first, as far as `fits` likes them. */
export async function rowsOf(
  stories: StoryReader,
  filters: readonly MessageFilter[],
  fits: (row: Row) => boolean,
  limit: number,
): Promise<Found> {
  const found = new Map<string, Row>();
  let isWhole = true;
  let looked = 0;
  const size = Math.min(PAGE, Math.max(limit, 100));
  for (const filter of filters) {
    let own = 0;
    let after: Parameters<StoryReader["list"]>[2] = null;
    while (own < limit) {
      isWhole &&= looked < LOOKED_THROUGH;
      if (!isWhole) break;
      const page = await stories.list(filter, size, after);
      for (const row of page.messages.flatMap(splitRecipients).filter(fits)) {
        own += 1;
        found.set(keyOf(row.message.spoolId, row.recipient.address), row);
      }
      looked += page.messages.length;
      after = page.next;
      if (after === null) break;
    }
  }
  const rows = [...found.values()].toSorted((a, b) => b.message.acceptedAt - a.message.acceptedAt);
  return { rows: rows.slice(0, limit), isWhole };
}

const splitRecipients = (message: Row["message"]): Row[] =>
  message.recipients.map((recipient) => ({ message, recipient }));

const keyOf = (spoolId: string, address: string | null): string => `${spoolId} ${address ?? ""}`;

/**
 * What happened to each of some rows, one question for all of them.
 * @param filters under which they were found.
 */
export async function happenedTo(
  stories: StoryReader,
  tenant: string,
  rows: readonly Row[],
  filters: readonly MessageFilter[] = [],
): Promise<(row: Row) => Happened> {
  if (rows.length === 0) return () => [];
  const [only, ...others] = new Set(rows.map(({ message }) => message.spoolId));
  const filter =
    others.length === 0
      ? { tenant, spoolId: only!, kinds: TOLD }
      : { ...narrowest(filters), tenant, kinds: TOLD, after: rows.at(-1)!.message.acceptedAt };
  const { events } = await stories.events(filter, EVENTS, null);
  const byRow = Map.groupBy(events, ({ spoolId, recipient }: EventEntry) => keyOf(spoolId, recipient));
  return ({ message, recipient }) => byRow.get(keyOf(message.spoolId, recipient.address)) ?? [];
}

function narrowest([only, ...others]: readonly MessageFilter[]): Pick<EventFilter, "recipient" | "author" | "tag"> {
  if (!only || others.length > 0) return {};
  const { recipient, author, tag } = only;
  return { ...present("recipient", recipient), ...present("author", author), ...present("tag", tag) };
}
