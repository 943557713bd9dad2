import type { FastifyInstance, FastifyRequest } from "fastify";
import { REMOVE_AT_ONCE } from "../../../tenancy/index.ts";
import type { CompatParts } from "../compat.ts";
import type { WhoOf } from "../keyed.ts";
import { suppressed } from "../suppressed.ts";
import { type Asked, type Fault, fault, isFault, ofDomain, pathRest, queried } from "./dialect.ts";
import { pagingOf, wantedPage } from "./page.ts";
import { type Entry, readEntries, sentEntries, sentFile } from "./suppression-entries.ts";
import { LISTS, type ListOf } from "./suppression-lists.ts";

const FULL = fault(400, "The suppression list is as long as it may be.");

/** Bounces, complaints and unsubscribes: a tenant has them once for all its domains. */
export function suppressionRoutes(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts): void {
  for (const [name, list] of Object.entries(LISTS)) listRoutes(scope, whoOf, parts, `/${name}`, list);
}

function listRoutes(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts, path: string, list: ListOf): void {
  const { suppressions } = parts;
  const { kinds, there, words } = list;
  const route = (work: (asked: Asked, request: FastifyRequest) => Promise<object>, status = 200) =>
    ofDomain(parts, whoOf, work, status);
  const find = async (tenant: string, address: string) => {
    const found = await suppressed(suppressions, tenant, address);
    return found && kinds.includes(found.kind) ? found : undefined;
  };

  scope.get(
    path,
    route(async ({ who }, request) => pageThere(who.tenant, request, list, parts)),
  );
  scope.post(
    path,
    route(async ({ who }, request) => {
      const entries = await sentEntries(request);
      if (isFault(entries)) return entries;
      const refused = await put(entries, who.tenant, list, parts);
      const what = `${entries.length === 1 ? "Address has" : `${entries.length} addresses have`} been ${words.added}`;
      return refused ?? { message: what, ...(entries.length === 1 ? { address: entries[0]!.address } : {}) };
    }),
  );
  scope.post(
    `${path}/import`,
    route(async ({ who }, request) => {
      const rows = await sentFile(request);
      if (isFault(rows)) return rows;
      const entries = readEntries(rows);
      if (isFault(entries)) return entries;
      const refused = await put(entries, who.tenant, list, parts);
      return refused ?? { message: "file uploaded successfully for processing. standby..." };
    }, 202),
  );
  scope.delete(
    path,
    route(async ({ who }) => {
      while ((await suppressions.removeMany(who.tenant, { kinds })) === REMOVE_AT_ONCE);
      return { message: words.cleared };
    }),
  );
  scope.get(
    `${path}/*`,
    route(async ({ who }, request) => {
      const found = await find(who.tenant, pathRest(request));
      return found ? there(found) : fault(404, words.none);
    }),
  );
  scope.delete(
    `${path}/*`,
    route(async ({ who }, request) => {
      const found = await find(who.tenant, pathRest(request));
      if (!found || !(await suppressions.remove(who.tenant, found.address))) return fault(404, words.none);
      return { message: words.removed, address: found.address };
    }),
  );
}

async function pageThere(
  tenant: string,
  request: FastifyRequest,
  { kinds, there }: ListOf,
  parts: CompatParts,
): Promise<object> {
  const { suppressions } = parts;
  const wanted = wantedPage(request, "address", 100, 1_000);
  if (isFault(wanted)) return wanted;
  const { limit, from, pivot } = wanted;
  const term = queried(request, "term");
  const backwards = from === "previous" || from === "last";
  const filter = { kinds, backwards, ...(term === undefined ? {} : { prefix: term }) };
  const found = await suppressions.list(tenant, limit, pivot?.toLowerCase() ?? null, filter);
  const items = backwards ? found.toReversed() : found;
  const paging = pagingOf(
    parts,
    request,
    "address",
    wanted,
    items.map(({ address }) => address),
  );
  return { items: items.map(there), paging };
}

/** An address that is on the list already, of whatever kind, keeps its first reason. */
async function put(
  entries: readonly Entry[],
  tenant: string,
  { kind }: ListOf,
  { suppressions }: CompatParts,
): Promise<Fault | null> {
  for (const { address, reason } of entries) {
    if ((await suppressions.add(tenant, address, reason === "" ? kind : reason, kind)) === "full") return FULL;
  }
  return null;
}
