import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import type { Suppression, SuppressionFilter, SuppressionKind } from "../../../tenancy/index.ts";
import type { CompatParts } from "../compat.ts";
import type { WhoOf } from "../keyed.ts";
import { jsonOf } from "../scope.ts";
import { CODE, fault, instant, refuse } from "./dialect.ts";
import { timeOf, untilOf } from "./page.ts";

const listShape = z.looseObject({ Suppressions: z.array(z.looseObject({ EmailAddress: z.string() })).max(50) });
const REASONS: Record<string, SuppressionKind[]> = {
  HardBounce: ["bounced", "invalid"],
  SpamComplaint: ["complained"],
  ManualSuppression: ["unsubscribed", "manual"],
};
const reasonsOf = (name: string): SuppressionKind[] | undefined =>
  Object.hasOwn(REASONS, name) ? REASONS[name] : undefined;
const reasonOf = ({ kind }: Suppression): string =>
  Object.entries(REASONS).find(([, kinds]) => kinds.includes(kind))![0];
const originOf = ({ kind }: Suppression): string => (kind === "manual" ? "Customer" : "Recipient");
const MOST = 10_000;

/**
 * postmarkapp.com/developer/api/suppressions-api (seen 2026-11-25). Theirs is a list for each stream; here a tenant has
 * one, and it is the same under each stream's name.
 */
export function suppressionRoutes(scope: FastifyInstance, whoOf: WhoOf, { suppressions }: CompatParts): void {
  scope.get("/:id/suppressions/dump", async (request, reply) => {
    const query = Object.fromEntries(
      Object.entries(request.query as Record<string, string>).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const addedAfter = timeOf(query["fromdate"]);
    const addedBefore = untilOf(query["todate"]);
    const kinds = query["suppressionreason"] === undefined ? undefined : reasonsOf(query["suppressionreason"]);
    if (addedAfter === null || addedBefore === null || (query["suppressionreason"] && !kinds))
      return refuse(reply, fault(422, CODE.parameter, "A filter cannot be read."));
    const filter: SuppressionFilter = {
      ...(kinds ? { kinds } : {}),
      ...(query["emailaddress"] ? { addresses: [query["emailaddress"]] } : {}),
      ...(addedAfter === undefined ? {} : { addedAfter }),
      ...(addedBefore === undefined ? {} : { addedBefore }),
    };
    const found = await suppressions.list(whoOf(request).tenant, MOST, null, filter);
    return reply.send({
      Suppressions: found
        .filter((one) => query["origin"] === undefined || originOf(one) === query["origin"])
        .map((one) => ({
          EmailAddress: one.address,
          SuppressionReason: reasonOf(one),
          Origin: originOf(one),
          CreatedAt: instant(one.createdAt),
        })),
    });
  });

  const each =
    (work: (tenant: string, address: string, actor: string) => Promise<string | null>, status: string) =>
    async (body: unknown, who: { tenant: string; credential: string }): Promise<object | null> => {
      const read = listShape.safeParse(jsonOf(body));
      if (!read.success) return null;
      const answers: object[] = [];
      for (const { EmailAddress } of read.data.Suppressions) {
        const failure = parseMailbox(EmailAddress)
          ? await work(who.tenant, EmailAddress, who.credential)
          : "An invalid email address was provided.";
        answers.push({ EmailAddress, Status: failure === null ? status : "Failed", Message: failure });
      }
      return { Suppressions: answers };
    };
  const add = each(async (tenant, address, actor) => {
    const done = await suppressions.add(tenant, address, `by ${actor}`);
    return done === "full" ? "The suppression list is as long as it may be." : null;
  }, "Suppressed");
  const remove = each(async (tenant, address) => {
    await suppressions.remove(tenant, address); // as theirs: what is not there is deleted, too
    return null;
  }, "Deleted");
  for (const [path, work] of [
    ["/:id/suppressions", add],
    ["/:id/suppressions/delete", remove],
  ] as const) {
    scope.post(path, async (request, reply) => {
      const answer = await work(request.body, whoOf(request));
      return answer
        ? reply.send(answer)
        : refuse(reply, fault(422, CODE.json, "The body must be { Suppressions: [{ EmailAddress }] }, at most 50."));
    });
  }
}
