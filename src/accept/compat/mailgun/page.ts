import type { FastifyRequest } from "fastify";
import type { CompatParts } from "../compat.ts";
import { type Fault, fault, isFault, origin, queried } from "./dialect.ts";

/** Where in a list a page lies: at one end of it, or beside an item, which is named and is not part of it. */
export type Wanted = { limit: number; from: "first" | "next" | "previous" | "last"; pivot: string | null };
const FROM: Readonly<Record<string, Wanted["from"]>> = {
  "": "first",
  first: "first",
  next: "next",
  prev: "previous",
  previous: "previous",
  last: "last",
};

/** "Pagination" of documentation.mailgun.com (seen 2026-11-25): `page`, `limit` and the item, under a name of each list's own. */
export function wantedPage(request: FastifyRequest, pivotName: string, usual: number, most: number): Wanted | Fault {
  const limit = Number(queried(request, "limit") ?? usual);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) return fault(400, `limit must be 1 to ${most}`);
  const from = FROM[queried(request, "page") ?? ""];
  if (from === undefined) return fault(400, "page must be first, next, previous or last");
  const pivot = queried(request, pivotName) ?? null;
  if (pivot === null && (from === "next" || from === "previous")) return { limit, from: "first", pivot };
  return { limit, from, pivot };
}

/** The addresses of the pages around one, which clients follow: there is always a next one, and the last one's is empty. */
export function pagingOf(
  parts: CompatParts,
  request: FastifyRequest,
  pivotName: string,
  { limit, pivot }: Wanted,
  keys: readonly string[],
): object {
  const path = request.url.split("?", 1)[0];
  const url = (page: string, beside?: string): string => {
    const query = new URLSearchParams({ page, limit: String(limit) });
    if (beside !== undefined) query.set(pivotName, beside);
    const term = queried(request, "term");
    if (term !== undefined) query.set("term", term);
    return `${origin(parts, request)}${path}?${query.toString()}`;
  };
  return {
    previous: url("previous", keys[0] ?? pivot ?? ""),
    first: url("first"),
    next: url("next", keys.at(-1) ?? pivot ?? ""),
    last: url("last"),
  };
}

/** A page of a list that is short enough to be read whole, in the order of the items' keys. */
export function pageOf<Item>(
  parts: CompatParts,
  request: FastifyRequest,
  pivotName: string,
  most: number,
  all: readonly Item[],
  keyOf: (item: Item) => string,
): { items: Item[]; paging: object } | Fault {
  const wanted = wantedPage(request, pivotName, Math.min(100, most), most);
  if (isFault(wanted)) return wanted;
  const { limit, from, pivot } = wanted;
  const items = all.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const page =
    from === "first"
      ? items.slice(0, limit)
      : from === "last"
        ? items.slice(-limit)
        : from === "next"
          ? items.filter((item) => keyOf(item) > pivot!).slice(0, limit)
          : items.filter((item) => keyOf(item) < pivot!).slice(-limit);
  return { items: page, paging: pagingOf(parts, request, pivotName, wanted, page.map(keyOf)) };
}
