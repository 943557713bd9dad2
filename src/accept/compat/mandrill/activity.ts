import { DAY_MS } from "../../../kernel/index.ts";
import type { MessageFilter } from "../../../spool/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { inTurn } from "../in-turn.ts";
import { dateThere } from "./dates.ts";
import { type MandrillError, isError } from "./errors.ts";
import { labelsThere } from "./labels.ts";
import type { Row } from "./message-there.ts";
import { COUNTED, type Counted, TOO_MANY, happenedTo, rowsOf } from "./rows.ts";
import { countsOf, hourly } from "./statistics.ts";

/** What numbers are made from, as far as their time series go there. Numbers "of all time" are of these days, too. */
const DAYS = 30;

/** What a tenant sent in the last days, under a filter. */
export async function recent(
  filter: Pick<MessageFilter, "author" | "tag">,
  who: Submitter,
  { stories, clock }: CompatParts,
): Promise<Counted | MandrillError> {
  const filters = [{ ...filter, tenant: who.tenant, acceptedAfter: clock.now() - DAYS * DAY_MS }];
  return inTurn(who.tenant, async () => {
    const { rows, isWhole } = await rowsOf(stories, filters, () => true, COUNTED);
    if (!isWhole || rows.length >= COUNTED) return TOO_MANY;
    return { rows, isWhole, happened: await happenedTo(stories, who.tenant, rows, filters) };
  });
}

/** The hours of what a filter finds, in numbers. */
export async function seriesOf(
  filter: Pick<MessageFilter, "author" | "tag">,
  who: Submitter,
  parts: CompatParts,
): Promise<object[] | MandrillError> {
  const found = await recent(filter, who, parts);
  return isError(found) ? found : hourly(found.rows, found.happened);
}

const PERIODS = { today: 1, last_7_days: 7, last_30_days: DAYS };

/** Numbers of the periods there are rows of. */
export const periods = ({ rows, happened }: Counted, now: number): object =>
  Object.fromEntries(
    Object.entries(PERIODS).map(([name, days]) => {
      const since = name === "today" ? Math.floor(now / DAY_MS) * DAY_MS : now - days * DAY_MS;
      const within = rows.filter(({ message }) => message.acceptedAt >= since);
      return [name, countsOf(within, happened)];
    }),
  );

/** In groups, each with its numbers and the instant of its first message. */
export function grouped(found: Counted, namesOf: (row: Row) => readonly string[]): { name: string; rest: object }[] {
  const groups = new Map<string, Row[]>();
  for (const row of found.rows) {
    for (const name of namesOf(row)) {
      const group = groups.get(name);
      if (group) group.push(row);
      else groups.set(name, [row]);
    }
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, rows]) => ({
      name,
      rest: {
        created_at: dateThere(rows.at(-1)!.message.acceptedAt),
        ...countsOf(rows, found.happened),
      },
    }));
}

export const tagsOf = ({ message }: Row): readonly string[] => labelsThere(message.tags).tags;
