import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import {
  REMOVE_AT_ONCE,
  type Suppression,
  type SuppressionFilter,
  type SuppressionKind,
} from "../../../tenancy/index.ts";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import {
  answer,
  fault,
  isFault,
  notFound,
  notSupported,
  nothing,
  refuse,
  secondsOf,
  sendgridScope,
} from "./dialect.ts";
import { listPageOf } from "./page.ts";

/** Which kinds of ours a list of theirs has, and how it shows an entry. Addresses of people's machines are not kept. */
const LISTS: Record<string, { kinds: SuppressionKind[]; entry(one: Suppression): object; isReadOnly?: boolean }> = {
  bounces: { kinds: ["bounced"], entry: (one) => ({ ...entry(one), ...reasonOf(one) }) },
  invalid_emails: { kinds: ["invalid"], entry: (one) => ({ ...entry(one), reason: one.reason }) },
  spam_reports: { kinds: ["complained"], entry: (one) => ({ ...entry(one), ip: "0.0.0.0" }) },
  unsubscribes: { kinds: ["unsubscribed", "manual"], entry: (one) => entry(one), isReadOnly: true },
};
const entry = ({ address, createdAt }: Suppression): object => ({ created: secondsOf(createdAt), email: address });
/** RFC 3463; one that nobody told is that of a mailbox that does not exist. */
const reasonOf = ({ reason }: Suppression): object => ({
  reason,
  status: /\b5\.\d{1,3}\.\d{1,3}\b/.exec(reason)?.[0] ?? "5.1.1",
});

/** The one in the path; none where it is no address, which is on no list. */
function addressesIn(request: FastifyRequest): string[] {
  const { email } = request.params as { email: string };
  return parseMailbox(email) ? [email] : [];
}

const removalShape = z.looseObject({
  delete_all: z.boolean().nullish(),
  emails: z.array(z.string()).min(1).max(1_000).nullish(),
});

/** /v3/suppression/… (docs.sendgrid.com/api-reference/bounces-api and its neighbours, seen 2026-11-25). */
export function suppressionRoutes(server: FastifyInstance, parts: CompatParts): void {
  const { suppressions } = parts;
  for (const [name, { kinds, entry: shown, isReadOnly }] of Object.entries(LISTS)) {
    sendgridScope(server, parts, `/v3/suppression/${name}`, (scope, whoOf) => {
      scope.get("/", async (request, reply) => {
        const page = listPageOf(request.query);
        if (isFault(page)) return refuse(reply, page);
        const filter: SuppressionFilter & { offset: number } = {
          kinds,
          offset: page.offset,
          ...(page.from === undefined ? {} : { addedAfter: page.from }),
          ...(page.before === undefined ? {} : { addedBefore: page.before }),
          ...(page.email === undefined ? {} : { prefix: page.email }),
        };
        const found = await suppressions.list(whoOf(request).tenant, page.limit, null, filter);
        return reply.send(found.map(shown));
      });
      if (isReadOnly) return;
      scope.get("/classifications", (_request, reply) => refuse(reply, notSupported("Counting bounces by class")));
      scope.get("/:email", async (request, reply) => {
        const found = await suppressions.list(whoOf(request).tenant, 1, null, {
          kinds,
          addresses: addressesIn(request),
        });
        return reply.send(found.map(shown));
      });
      scope.delete("/:email", async (request, reply) => {
        const filter = { kinds, addresses: addressesIn(request) };
        const removed = await suppressions.removeMany(whoOf(request).tenant, filter);
        return removed > 0 ? nothing(reply) : refuse(reply, notFound("email"));
      });
      scope.delete("/", async (request, reply) => {
        const read = removalShape.safeParse(jsonOf(request.body) ?? {});
        const { delete_all: all, emails } = read.success ? read.data : {};
        if (!all === !emails)
          return refuse(reply, fault(400, "Give either delete_all as true or emails, 1 to 1000 of them."));
        const { tenant } = whoOf(request);
        const filter = emails ? { kinds, addresses: emails.filter((one) => parseMailbox(one)) } : { kinds };
        while ((await suppressions.removeMany(tenant, filter)) === REMOVE_AT_ONCE);
        return nothing(reply);
      });
    });
  }
}

const addressesShape = z.looseObject({ recipient_emails: z.array(z.string()).min(1).max(1_000) });

/** Whoever asked for no more mail. What a bounce or a complaint put onto the list is not taken off here. */
export function globalSuppressionRoutes(server: FastifyInstance, { suppressions, ...rest }: CompatParts): void {
  const { kinds } = LISTS["unsubscribes"]!;
  sendgridScope(server, { suppressions, ...rest }, "/v3/asm/suppressions/global", (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const read = addressesShape.safeParse(jsonOf(request.body));
      if (!read.success || !read.data.recipient_emails.every((email) => parseMailbox(email))) {
        return refuse(reply, fault(400, "must be a list of mail addresses", "recipient_emails"));
      }
      const { tenant, credential } = whoOf(request);
      for (const email of read.data.recipient_emails) {
        if ((await suppressions.add(tenant, email, `by ${credential}`, "unsubscribed")) === "full") {
          return refuse(reply, fault(400, "the list holds as many addresses as it may", "recipient_emails"));
        }
      }
      return answer(reply, { recipient_emails: read.data.recipient_emails }, 201);
    });
    scope.get("/:email", async (request, reply) => {
      const { email } = request.params as { email: string };
      // Any kind: it asks whether mail to this address is suppressed.
      const [found] = await suppressions.list(whoOf(request).tenant, 1, null, { addresses: addressesIn(request) });
      return reply.send(found ? { recipient_email: email } : {});
    });
    scope.delete("/:email", async (request, reply) => {
      await suppressions.removeMany(whoOf(request).tenant, { kinds, addresses: addressesIn(request) });
      return nothing(reply);
    });
  });
}
