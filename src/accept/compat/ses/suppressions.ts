import { foldedAddress, parseMailbox } from "../../../mail/index.ts";
import type { Suppression } from "../../../tenancy/index.ts";
import type { CompatParts } from "../compat.ts";
import { suppressed } from "../suppressed.ts";
import type { SesOperation } from "./call.ts";
import { badRequest, isSesError, notFound, notSupported, sesError } from "./errors.ts";
import { readJson } from "./read-json.ts";
import { suppressionShape } from "./shape.ts";
import { pageOf, tokenOf } from "./pages.ts";

const secondsOf = (ms: number): number => ms / 1000;
/** SES knows two reasons. */
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
    const reasons = query.getAll("Reason");
    const times = { StartDate: Number.NEGATIVE_INFINITY, EndDate: Number.POSITIVE_INFINITY };
    for (const name of ["StartDate", "EndDate"] as const) {
      const text = query.get(name);
      if (text !== null) times[name] = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
      if (Number.isNaN(times[name])) return sesError(400, "SerializationException", `${name} is no time.`);
    }
    const found = await suppressions.list(who.tenant, page.size, page.after);
    const next = found.length < page.size ? undefined : found.at(-1)!.address;
    return {
      SuppressedDestinationSummaries: found
        .filter(({ createdAt }) => createdAt >= times.StartDate && createdAt <= times.EndDate)
        .filter((one) => reasons.length === 0 || reasons.includes(reasonOf(one)))
        .map(summaryOf),
      ...(next === undefined ? {} : { NextToken: tokenOf(foldedAddress(next)) }),
    };
  },
};

export const suppressionOperations = [put, get, remove, list];
