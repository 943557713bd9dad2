import { parseMailbox } from "../../../mail/index.ts";
import { SUPPRESSION_KINDS, type Suppression, type SuppressionFilter } from "../../../tenancy/index.ts";
import type { CompatParts } from "../compat.ts";
import { suppressed } from "../suppressed.ts";
import type { SesOperation } from "./call.ts";
import { badRequest, isSesError, notFound, notSupported, sesError } from "./errors.ts";
import { readJson } from "./read-json.ts";
import { suppressionShape } from "./shape.ts";
import { pageOf, tokenOf } from "./pages.ts";

const secondsOf = (ms: number): number => ms / 1000;
/** SES knows two reasons; what is no complaint came about like a bounce: mail there is not possible, or not wanted. */
const reasonOf = ({ kind }: Suppression): "BOUNCE" | "COMPLAINT" => (kind === "complained" ? "COMPLAINT" : "BOUNCE");
const summaryOf = (one: Suppression) => ({
  EmailAddress: one.address,
  Reason: reasonOf(one),
  LastUpdateTime: secondsOf(one.createdAt),
});
const unknown = (address: string) =>
  notFound(`Email address ${address.slice(0, 320)} does not exist on your suppression list.`);

const put: SesOperation = {
  method: "PUT",
  path: "suppression/addresses",
  async handle({ json, who }, { suppressions }) {
    const given = readJson(suppressionShape, json);
    if (isSesError(given)) return given;
    if (given.TenantName) return notSupported("TenantName");
    if (!parseMailbox(given.EmailAddress)) return badRequest("EmailAddress is no mail address.");
    const kind = given.Reason === "COMPLAINT" ? "complained" : "bounced";
    const answer = await suppressions.add(who.tenant, given.EmailAddress, `by ${who.credential}`, kind);
    return answer === "done"
      ? {}
      : sesError(400, "LimitExceededException", "The list holds as many addresses as it may.");
  },
};

const get: SesOperation = {
  method: "GET",
  path: "suppression/addresses/{}",
  async handle({ name, who }, parts) {
    const found = parseMailbox(name) ? await suppressed(parts.suppressions, who.tenant, name) : undefined;
    return found ? { SuppressedDestination: summaryOf(found) } : unknown(name);
  },
};

const remove: SesOperation = {
  method: "DELETE",
  path: "suppression/addresses/{}",
  async handle({ name, who }, { suppressions }) {
    return parseMailbox(name) && (await suppressions.remove(who.tenant, name)) ? {} : unknown(name);
  },
};

const list: SesOperation = {
  method: "GET",
  path: "suppression/addresses",
  async handle({ query, who }, { suppressions }: CompatParts) {
    const page = pageOf(query.get("NextToken"), query.get("PageSize"));
    if (isSesError(page)) return page;
    const filter: SuppressionFilter = {};
    for (const [name, member] of [
      ["StartDate", "addedAfter"],
      ["EndDate", "addedBefore"],
    ] as const) {
      const text = query.get(name);
      if (text === null) continue;
      const at = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
      if (Number.isNaN(at)) return sesError(400, "SerializationException", `${name} is no time.`);
      filter[member] = at;
    }
    const reasons = query.getAll("Reason");
    if (reasons.length === 1) {
      filter.kinds = SUPPRESSION_KINDS.filter((kind) => (kind === "complained") === (reasons[0] === "COMPLAINT"));
    }
    const found = await suppressions.list(who.tenant, page.size, page.after, filter);
    return {
      SuppressedDestinationSummaries: found.map(summaryOf),
      ...(found.length < page.size ? {} : { NextToken: tokenOf(found.at(-1)!.address) }),
    };
  },
};

export const suppressionOperations = [put, get, remove, list];
