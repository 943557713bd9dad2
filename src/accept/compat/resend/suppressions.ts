import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import type { Suppression, SuppressionKind } from "../../../tenancy/index.ts";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import { suppressed } from "../suppressed.ts";
import { fault, instant, invalid, isFault, notFound, resendScope, send } from "./dialect.ts";
import { listOf, pageOf } from "./page.ts";

const emails = z.array(z.string()).min(1).max(100);
const removalShape = z.union([z.looseObject({ emails }), z.looseObject({ ids: emails })]);

/** Entries have no number of their own: the id of one is its address, written so that nothing in a path has to be escaped. */
const idOf = (address: string): string => Buffer.from(address).toString("base64url");
const addressOf = (idOrEmail: string): string =>
  (idOrEmail.includes("@") ? idOrEmail : Buffer.from(idOrEmail, "base64url").toString("utf8")).replaceAll("\0", "");

const ORIGIN = {
  bounced: "bounce",
  invalid: "bounce",
  complained: "complaint",
  unsubscribed: "manual",
  manual: "manual",
} as const;
const KINDS = new Map<string, SuppressionKind[]>([
  ["bounce", ["bounced", "invalid"]],
  ["complaint", ["complained"]],
  ["manual", ["unsubscribed", "manual"]],
]);
const FULL = fault(422, "validation_error", "The suppression list is as long as it may be.");
const entry = (one: Suppression): object => ({
  id: idOf(one.address),
  email: one.address,
  origin: ORIGIN[one.kind],
  source_id: null,
  created_at: instant(one.createdAt),
});

/** resend.com/docs/api-reference/suppressions (seen 2026-11-25). */
export function suppressionRoutes(server: FastifyInstance, parts: CompatParts): void {
  const { suppressions } = parts;
  const remove = async (tenant: string, idOrEmail: string): Promise<object> => {
    const address = addressOf(idOrEmail);
    const deleted = await suppressions.remove(tenant, address);
    return { object: "suppression", id: idOf(address.toLowerCase()), deleted };
  };
  resendScope(server, parts, "/suppressions", false, (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const { email } = (jsonOf(request.body) ?? {}) as { email?: unknown };
      if (typeof email !== "string" || !parseMailbox(email)) return send(reply, invalid("Invalid `email` field."));
      const { tenant, credential } = whoOf(request);
      const done = await suppressions.add(tenant, email, `by ${credential}`);
      return send(reply, done === "full" ? FULL : { object: "suppression", id: idOf(email.toLowerCase()) });
    });
    scope.get("/", async (request, reply) => {
      const page = pageOf(request.query);
      if (isFault(page)) return send(reply, page);
      const { origin } = request.query as { origin?: string };
      const after = page.after === null ? null : addressOf(page.after);
      const kinds = origin === undefined ? undefined : KINDS.get(origin);
      if (origin !== undefined && !kinds) return send(reply, invalid("`origin` is bounce, complaint or manual."));
      const filter = kinds ? { kinds } : {};
      const found = await suppressions.list(whoOf(request).tenant, page.limit + 1, after, filter);
      return send(reply, listOf(found, page.limit, entry));
    });
    scope.post("/batch/add", async (request, reply) => {
      const read = z.looseObject({ emails }).safeParse(jsonOf(request.body));
      if (!read.success || !read.data.emails.every((email) => parseMailbox(email)))
        return send(reply, invalid("`emails` must be a list of 1 to 100 mail addresses."));
      const { tenant, credential } = whoOf(request);
      for (const email of read.data.emails) {
        if ((await suppressions.add(tenant, email, `by ${credential}`)) === "full") return send(reply, FULL);
      }
      const data = read.data.emails.map((email) => ({ object: "suppression", id: idOf(email.toLowerCase()) }));
      return send(reply, { data });
    });
    scope.post("/batch/remove", async (request, reply) => {
      const read = removalShape.safeParse(jsonOf(request.body));
      if (!read.success) return send(reply, invalid("Give `emails` or `ids`, 1 to 100 of them."));
      const { tenant } = whoOf(request);
      const named = "emails" in read.data ? (read.data.emails as string[]) : (read.data["ids"] as string[]);
      const data: object[] = [];
      for (const one of named) data.push(await remove(tenant, one));
      return send(reply, { data });
    });
    scope.get("/:id", async (request, reply) => {
      const address = addressOf((request.params as { id: string }).id);
      const found = await suppressed(suppressions, whoOf(request).tenant, address);
      return send(reply, found ? { object: "suppression", ...entry(found) } : notFound("Suppression"));
    });
    scope.delete("/:id", async (request, reply) => {
      const answer = (await remove(whoOf(request).tenant, (request.params as { id: string }).id)) as {
        deleted: boolean;
      };
      return send(reply, answer.deleted ? answer : notFound("Suppression"));
    });
  });
}
