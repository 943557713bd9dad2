import { z } from "zod";
import type { EventCursor, EventEntry } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import { type Narrowing, filterOf, isWanted, narrowingShape } from "./event-query.ts";

/** Where a page of a list of events is: the list, how long pages are, and the place it begins beside. */
const pageShape = z.object({
  list: narrowingShape,
  limit: z.int().min(1).max(300),
  place: z.tuple([z.number().min(0).max(8.64e15), z.string().regex(/^[0-9a-z-]{0,100}$/)]).optional(),
  /** The page ends before the place instead of beginning after it. */
  isBefore: z.boolean().optional(),
  isLast: z.boolean().optional(),
});
export type EventsPage = z.infer<typeof pageShape>;

/** All of it stands in the page's own address: nothing is kept here between two calls. It names no tenant. */
export const tokenOf = (page: EventsPage): string => Buffer.from(JSON.stringify(page)).toString("base64url");
const TOKEN_CHARACTERS = 4_000;

/** Null where it is none of ours. */
export function readToken(token: string): EventsPage | null {
  if (token.length > TOKEN_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(token)) return null;
  try {
    const read = pageShape.safeParse(JSON.parse(Buffer.from(token, "base64url").toString("utf8")));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

export type FoundPage = { entries: EventEntry[]; around: Record<"first" | "previous" | "next" | "last", EventsPage> };

/** The page, and those around it. There is always a next one, so that whoever follows the list learns what comes later. */
export async function findPage(
  page: EventsPage,
  tenant: string,
  domain: string | undefined,
  parts: CompatParts,
): Promise<FoundPage> {
  const { list, limit, place } = page;
  const isBackwards = page.isBefore === true || page.isLast === true;
  const cursor = place ? { at: place[0], key: place[1] } : null;
  const found = await entriesOf(
    isBackwards ? { ...list, oldestFirst: !list.oldestFirst } : list,
    limit,
    cursor,
    tenant,
    domain,
    parts,
  );
  const entries = isBackwards ? found.toReversed() : found;
  const first: EventsPage = { list, limit };
  const last: EventsPage = { list, limit, isLast: true };
  const [top, bottom] = [entries[0], entries.at(-1)];
  // Beyond an end there is nothing: from there the list is entered again at that end.
  const previous = top ? { ...first, place: placeOf(top), isBefore: true } : isBackwards ? page : last;
  const next = bottom ? { ...first, place: placeOf(bottom) } : isBackwards ? first : page;
  return { entries, around: { first, previous, next, last } };
}

const placeOf = ({ at, key }: EventEntry): [number, string] => [at, key];

/** What one kind of ours holds beside what is wanted is read over; so often, that a page is seldom short. */
const MOST_READS = 10;

async function entriesOf(
  list: Narrowing,
  limit: number,
  after: EventCursor | null,
  tenant: string,
  domain: string | undefined,
  { stories }: CompatParts,
): Promise<EventEntry[]> {
  const filter = filterOf(list, tenant, domain);
  const found: EventEntry[] = [];
  let cursor = after;
  for (let reads = 0; filter !== null && reads < MOST_READS; reads += 1) {
    const page = await stories.events(filter, limit - found.length, cursor);
    found.push(...page.events.filter((one) => isWanted(list, one)));
    cursor = page.next;
    if (cursor === null || found.length === limit) break;
  }
  return found;
}
