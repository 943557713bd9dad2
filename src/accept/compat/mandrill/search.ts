import type { z } from "zod";
import { DAY_MS } from "../../../kernel/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { inTurn } from "../in-turn.ts";
import { isDayAlone, readDate } from "./dates.ts";
import { type MandrillError, isError, notSupported, unknownMessage, validationError } from "./errors.ts";
import { idHere } from "./ids.ts";
import { type Row, messageThere, stateOf } from "./message-there.ts";
import { type Query, filtersOf, fitsLists, fitsQuery, readQuery } from "./query.ts";
import { COUNTED, type Counted, TOO_MANY, happenedTo, rowsOf } from "./rows.ts";
import type { idShape, searchShape } from "./shape.ts";
import { hourly } from "./statistics.ts";

export async function info(given: z.infer<typeof idShape>, who: Submitter, { stories }: CompatParts): Promise<unknown> {
  const id = idHere(given.id);
  const story = id === null ? null : await stories.find(who.tenant, id);
  const [recipient] = story?.recipients ?? [];
  if (!story || !recipient) return unknownMessage(given.id);
  const row = { message: story, recipient };
  return messageThere(row, (await happenedTo(stories, who.tenant, [row]))(row));
}

const LIMIT = 100;
const DAYS = 7;
const FILTERS = 20;

export async function search(given: z.infer<typeof searchShape>, who: Submitter, parts: CompatParts): Promise<unknown> {
  const limit = given.limit ?? LIMIT;
  const found = await inTurn(who.tenant, () => foundFor(given, limit, who, parts));
  if (isError(found)) return found;
  return found.rows.slice(0, limit).map((row) => messageThere(row, found.happened(row)));
}

export async function searchTimeSeries(
  given: z.infer<typeof searchShape>,
  who: Submitter,
  parts: CompatParts,
): Promise<unknown> {
  const found = await inTurn(who.tenant, () => foundFor(given, COUNTED, who, parts));
  if (isError(found)) return found;
  return found.isWhole ? hourly(found.rows, found.happened) : TOO_MANY;
}

async function foundFor(
  given: z.infer<typeof searchShape>,
  limit: number,
  who: Submitter,
  { stories, clock }: CompatParts,
): Promise<Counted | MandrillError> {
  const asked = askedOf(given, who.tenant, clock.now());
  if (isError(asked)) return asked;
  const { filters, fits, query } = asked;
  const { states } = query;
  // Which state a message is in is known with what happened to it: where states are asked for, all are read.
  const { rows, isWhole } = await rowsOf(stories, filters, fits, states.length > 0 ? COUNTED : limit);
  if (!isWhole && (states.length > 0 || rows.length < limit)) return TOO_MANY;
  const happened = await happenedTo(stories, who.tenant, rows, filters);
  const isIn = (row: Row): boolean => states.every((state) => state === stateOf(row, happened(row)));
  return { rows: rows.filter(isIn), isWhole: isWhole && rows.length < COUNTED, happened };
}

type Asked = { query: Query; filters: ReturnType<typeof filtersOf>; fits: ReturnType<typeof fitsQuery> };

/** Without a date, of the last seven days. */
function askedOf(given: z.infer<typeof searchShape>, tenant: string, now: number): Asked | MandrillError {
  const query = readQuery(given.query ?? "");
  if (typeof query === "string") return notSupported(query);
  if (given.api_keys?.length) return notSupported("api_keys");
  const from = given.date_from ? readDate(given.date_from) : now - DAYS * DAY_MS;
  const until = given.date_to ? readDate(given.date_to) : undefined;
  if (from === null || until === null) return validationError("Dates must be in YYYY-MM-DD format.");
  const acceptedBefore = until === undefined ? undefined : until + (isDayAlone(given.date_to!) ? DAY_MS : 1_000);
  const base = { tenant, acceptedAfter: from, ...(acceptedBefore === undefined ? {} : { acceptedBefore }) };
  const [tags, senders] = [given.tags ?? [], given.senders ?? []];
  const filters = filtersOf(base, query, tags, senders);
  if (filters.length > FILTERS)
    return validationError(`At most ${FILTERS} combinations of tags and senders are taken.`);
  const [isIn, isAsked] = [fitsLists(tags, senders), fitsQuery(query)];
  return { query, filters, fits: (row) => isIn(row) && isAsked(row) };
}
