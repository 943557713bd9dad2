import { DAY_MS } from "../../../kernel/index.ts";
import { CODE, type Fault, fault } from "./dialect.ts";

/** postmarkapp.com/developer/api/messages-api (seen 2026-11-25): count at most 500, and count and offset at most 10,000. */
export type PostmarkPage = { count: number; offset: number };
const MOST_AT_ONCE = 500;
export const MOST = 10_000;

export function pageOf(query: unknown): PostmarkPage | Fault {
  const named = query as Record<string, string | undefined>;
  const count = Number(named["count"] ?? 100);
  const offset = Number(named["offset"] ?? 0);
  const isWhole = Number.isInteger(count) && Number.isInteger(offset);
  if (!isWhole || count < 1 || count > MOST_AT_ONCE || offset < 0 || count + offset > MOST)
    return fault(422, CODE.parameter, `'count' must be 1 to ${MOST_AT_ONCE}, and with 'offset' at most ${MOST}.`);
  return { count, offset };
}

/** Years of four digits: beyond them the database has other forms, and there is no mail. */
const EARLIEST_MS = Date.UTC(1000, 0);
const LATEST_MS = Date.UTC(9999, 11);

/** A day or an instant, as filters name them; undefined where none is named, null where it cannot be read. */
export function timeOf(text: string | undefined): number | undefined | null {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  return at >= EARLIEST_MS && at <= LATEST_MS ? at : null;
}
/** The end of a span is meant with its whole day. */
export const untilOf = (text: string | undefined): number | undefined | null => {
  const at = timeOf(text);
  return typeof at === "number" && /^\d{4}-\d{2}-\d{2}$/.test(text!) ? at + DAY_MS : at;
};
