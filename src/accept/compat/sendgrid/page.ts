import { type Fault, fault, queryOf } from "./dialect.ts";

/** Seconds since the epoch there, milliseconds here; `before` is the first instant that is out. */
export type ListPage = { limit: number; offset: number; from?: number; before?: number; email?: string };

const MOST = 500;
const FURTHEST = 10_000_000;

/** start_time, end_time, limit, offset and email of a list (docs.sendgrid.com/api-reference/bounces-api, seen 2026-11-25). */
export function listPageOf(query: unknown): ListPage | Fault {
  const given = queryOf(query);
  const number = (name: string, least: number, most: number): number | null | undefined => {
    if (given[name] === undefined) return undefined;
    const value = Number(given[name]);
    return Number.isInteger(value) && value >= least && value <= most ? value : null;
  };
  const limit = number("limit", 1, MOST);
  const offset = number("offset", 0, FURTHEST);
  const from = number("start_time", 0, 4_000_000_000);
  const to = number("end_time", 0, 4_000_000_000);
  for (const [name, value] of Object.entries({ limit, offset, start_time: from, end_time: to })) {
    if (value === null) return fault(400, `${name} is no number that may stand here`, name);
  }
  const email = given["email"];
  if (email?.includes("%"))
    return fault(400, "Wildcards are not supported by this server (Postern): give how it begins.", "email");
  return {
    limit: limit ?? MOST,
    offset: offset ?? 0,
    ...(typeof from === "number" ? { from: from * 1000 } : {}),
    ...(typeof to === "number" ? { before: (to + 1) * 1000 } : {}),
    ...(email ? { email } : {}),
  };
}
