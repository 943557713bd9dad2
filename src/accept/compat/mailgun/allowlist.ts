import type { FastifyInstance, FastifyRequest } from "fastify";
import { first, foldedAddress, parseMailbox } from "../../../mail/index.ts";
import { EXCEPTIONS_PER_TENANT, type SuppressionException } from "../../../tenancy/index.ts";
import type { CompatParts } from "../compat.ts";
import { inTurn } from "../in-turn.ts";
import type { WhoOf } from "../keyed.ts";
import { type Asked, fault, instant, isFault, notSupported, ofDomain, pathRest, queried } from "./dialect.ts";
import { formOf } from "./form-of.ts";
import { pageOf } from "./page.ts";
import { sentFile } from "./suppression-entries.ts";

const PATH = "/whitelists";
const NONE = fault(404, "Address/Domain not found in allowlist table");
const FULL = fault(400, "The allowlist is as long as it may be.");
const WHOLE_DOMAIN = notSupported("Allowing a whole domain");
const ADDED = "added by hand";
const there = ({ address, comment, createdAt }: SuppressionException): object => ({
  type: "address",
  value: address,
  reason: comment,
  createdAt: instant(createdAt),
});

/** Addresses that no report of a provider puts onto the suppression list ("Allowlist", documentation.mailgun.com, seen 2026-11-25). */
export function allowlistRoutes(scope: FastifyInstance, whoOf: WhoOf, parts: CompatParts): void {
  const { exceptions } = parts;
  const route = (work: (asked: Asked, request: FastifyRequest) => Promise<object>, status = 200) =>
    ofDomain(parts, whoOf, work, status);
  const find = async (tenant: string, address: string): Promise<SuppressionException | undefined> => {
    const [found] = await exceptions.list(tenant, 1, null, address);
    return found?.address === foldedAddress(address) ? found : undefined;
  };

  const allOf = (tenant: string, prefix?: string): Promise<SuppressionException[]> =>
    inTurn(tenant, () => exceptions.list(tenant, EXCEPTIONS_PER_TENANT, null, prefix));

  scope.get(
    PATH,
    route(async ({ who }, request) => {
      const all = await allOf(who.tenant, queried(request, "term"));
      const page = pageOf(parts, request, "address", 1_000, all, ({ address }) => address);
      return isFault(page) ? page : { items: page.items.map(there), paging: page.paging };
    }),
  );
  scope.post(
    PATH,
    route(async ({ who }, request) => {
      const form = await formOf(request);
      if (isFault(form)) return form;
      const address = first(form, "address");
      if (!address)
        return first(form, "domain") ? WHOLE_DOMAIN : fault(400, "Missing mandatory parameter: address/domain");
      if (!parseMailbox(address)) return fault(400, "'address' parameter is not a valid address");
      if (
        (await exceptions.add(
          who.tenant,
          address,
          first(form, "reason")
            ?.replace(/[\s\p{Cc}]+/gu, " ")
            .slice(0, 500) ?? ADDED,
        )) === "full"
      )
        return FULL;
      const message = "Address/Domain has been added to the allowlists table";
      return { message, type: "address", value: foldedAddress(address) };
    }),
  );
  scope.post(
    `${PATH}/import`,
    route(async ({ who }, request) => {
      const rows = await sentFile(request);
      if (isFault(rows)) return rows;
      for (const { address = "", domain = "" } of rows) {
        if (address === "" && domain !== "") return WHOLE_DOMAIN;
        if (!parseMailbox(address)) return fault(400, "'address' parameter is not a valid address");
      }
      for (const { address = "" } of rows) {
        if ((await exceptions.add(who.tenant, address, ADDED)) === "full") return FULL;
      }
      return { message: "file uploaded successfully for processing. standby..." };
    }, 202),
  );
  scope.delete(
    PATH,
    route(async ({ who }) => {
      for (const { address } of await allOf(who.tenant)) await exceptions.remove(who.tenant, address);
      return { message: "Allowlist addresses/domains for this domain have been removed" };
    }),
  );
  scope.get(
    `${PATH}/*`,
    route(async ({ who }, request) => {
      const found = await find(who.tenant, pathRest(request));
      return found ? there(found) : NONE;
    }),
  );
  scope.delete(
    `${PATH}/*`,
    route(async ({ who }, request) => {
      const address = foldedAddress(pathRest(request));
      if (!(await exceptions.remove(who.tenant, address))) return NONE;
      return { message: "Allowlist address/domain has been removed", value: address };
    }),
  );
}
