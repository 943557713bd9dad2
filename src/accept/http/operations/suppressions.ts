import { z } from "zod";
import { type Mailbox, parseMailbox, transferable } from "../../../mail/index.ts";
import { REMOVE_AT_ONCE, SUPPRESSION_KINDS, type Suppression, type SuppressionFilter } from "../../../tenancy/index.ts";
import { IN_WORDS } from "../in-words.ts";
import { NOT_AN_INSTANT, readInstant } from "../instant.ts";
import { type Fault, type ProblemDocument, invalid, problem, problemAnswer } from "../problem.ts";
import { shapeFaults } from "../submit/faults.ts";
import type { Operation, OperationParts } from "./operation.ts";

const PAGE = 200;
const REASON_CHARACTERS = 200;
const NO_CONTROLS = /^\P{Cc}*$/u;

const kindSchema = z.enum(SUPPRESSION_KINDS).describe("manual: a person, or an application, put it there.");
const suppressionSchema = z.strictObject({
  address: z.string().describe("Compared without regard to the case of ASCII letters."),
  kind: kindSchema,
  reason: z.string(),
  createdAt: z.string(),
});
const pageSchema = z.strictObject({
  suppressions: z.array(suppressionSchema),
  nextAfter: z.string().nullable().describe("For the next page; null on the last one."),
});
const newSchema = z.strictObject({
  address: z.string(),
  kind: kindSchema.optional(),
  reason: z.string().min(1).max(REASON_CHARACTERS).regex(NO_CONTROLS, "must not hold control characters.").optional(),
});
const doneSchema = z.strictObject({ address: z.string(), status: z.enum(["suppressed", "removed"]) });

/** What a list, and a removal of many, is narrowed by. */
const filterParameters = {
  kind: kindSchema.optional(),
  prefix: z.string().min(1).max(320).regex(NO_CONTROLS).optional().describe("Addresses that begin so."),
  addedAfter: z.string().optional().describe("RFC 3339; from this instant on."),
  addedBefore: z.string().optional().describe("RFC 3339; before this instant."),
};
const listQuery = z.strictObject({ ...filterParameters, after: z.string().optional() });
const removalSchema = z
  .strictObject({ ...filterParameters, addresses: z.array(z.string()).min(1).max(1_000).optional() })
  .refine((given) => Object.keys(given).length > 0, "must say which: give addresses, kind, prefix or a span of time.");
const removedSchema = z.strictObject({
  removed: z.int(),
  more: z.boolean().describe(`At most ${REMOVE_AT_ONCE} are removed at once; ask again while this is true.`),
});

type Place = (member: string) => Pick<Fault, "pointer" | "parameter">;
function filterOf(
  given: { kind?: Suppression["kind"] | undefined } & Partial<
    Record<"prefix" | "addedAfter" | "addedBefore", string | undefined>
  >,
  place: Place,
): SuppressionFilter | ProblemDocument {
  const faults: Fault[] = [];
  const instant = (member: "addedAfter" | "addedBefore"): number | undefined => {
    const text = given[member];
    const at = text === undefined ? undefined : readInstant(text);
    if (at === null) faults.push({ ...place(member), detail: NOT_AN_INSTANT });
    return at ?? undefined;
  };
  const addedAfter = instant("addedAfter");
  const addedBefore = instant("addedBefore");
  if (faults.length > 0) return invalid(faults);
  return {
    ...(given.kind === undefined ? {} : { kinds: [given.kind] }),
    ...(given.prefix === undefined ? {} : { prefix: given.prefix }),
    ...(addedAfter === undefined ? {} : { addedAfter }),
    ...(addedBefore === undefined ? {} : { addedBefore }),
  };
}

const json = ({ address, kind, reason, createdAt }: Suppression): z.infer<typeof suppressionSchema> => ({
  address,
  kind,
  reason,
  createdAt: new Date(createdAt).toISOString(),
});
/** In the form in which recipients are kept. */
function addressIn(text: unknown): Mailbox | null {
  const mailbox = typeof text === "string" ? parseMailbox(text) : null;
  return mailbox && transferable(mailbox);
}
const notAnAddress = (place: { pointer: string } | { parameter: string }) =>
  problemAnswer(invalid([{ ...place, detail: "must be one mail address, such as ada@example.com." }]));
const addressParameter = { in: "path" as const, name: "address", required: true, schema: z.string() };

/** The tenant's list of addresses it must not write to; secrets and security notices (C0, C1) go out all the same. */
export function suppressionOperations({ suppressions }: OperationParts): Operation[] {
  const list: Operation = {
    method: "GET",
    path: "/suppressions",
    open: false,
    takesMail: false,
    describe: {
      operationId: "listSuppressions",
      summary: "Addresses that get no mail",
      parameters: [
        { in: "query", name: "after", schema: z.string(), description: "The `nextAfter` of the page before." },
        ...Object.entries(filterParameters).map(([name, schema]) => ({ in: "query" as const, name, schema })),
      ],
      responses: { 200: { description: "One page, by address.", schema: pageSchema } },
      problems: [422],
    },
    async handle({ submitter, query }) {
      const read = listQuery.safeParse(query, IN_WORDS);
      if (!read.success) {
        return problemAnswer(
          invalid(read.error.issues.map((one) => ({ parameter: String(one.path[0] ?? ""), detail: one.message }))),
        );
      }
      const { after } = read.data;
      const filter = filterOf(read.data, (parameter) => ({ parameter }));
      if ("code" in filter) return problemAnswer(filter);
      const last = after === undefined ? null : addressIn(after);
      if (last === null && after !== undefined) return notAnAddress({ parameter: "after" });
      const page = await suppressions.list(submitter.tenant, PAGE, last && last.address, filter);
      const nextAfter = page.length === PAGE ? page.at(-1)!.address : null;
      return { status: 200, body: { suppressions: page.map(json), nextAfter } satisfies z.infer<typeof pageSchema> };
    },
  };
  const add: Operation = {
    method: "POST",
    path: "/suppressions",
    open: false,
    takesMail: false,
    describe: {
      operationId: "addSuppression",
      summary: "Send no more mail to an address",
      request: { "application/json": newSchema },
      responses: { 200: { description: "It is on the list.", schema: doneSchema } },
      problems: [400, 413, 415, 422],
    },
    async handle({ submitter, body }) {
      const read = newSchema.safeParse(body, IN_WORDS);
      if (!read.success) return problemAnswer(invalid(shapeFaults(read.error)));
      const mailbox = addressIn(read.data.address);
      if (!mailbox) return notAnAddress({ pointer: "/address" });
      const { kind, reason = `by ${submitter.credential}` } = read.data;
      if ((await suppressions.add(submitter.tenant, mailbox.address, reason, kind)) === "full") {
        return problemAnswer(
          problem(
            422,
            "suppressions-full",
            "The list holds as many addresses as it may (limits.suppressionsPerTenant). Take off what is not needed any more.",
          ),
        );
      }
      return { status: 200, body: { address: mailbox.address, status: "suppressed" } };
    },
  };
  const remove: Operation = {
    method: "DELETE",
    path: "/suppressions/{address}",
    open: false,
    takesMail: false,
    describe: {
      operationId: "removeSuppression",
      summary: "Write to an address again",
      parameters: [addressParameter],
      responses: { 200: { description: "It is off the list.", schema: doneSchema } },
      problems: [404, 422],
    },
    async handle({ submitter, params }) {
      const mailbox = addressIn(params["address"]);
      if (!mailbox) return notAnAddress({ parameter: "address" });
      if (await suppressions.remove(submitter.tenant, mailbox.address)) {
        return { status: 200, body: { address: mailbox.address, status: "removed" } };
      }
      return problemAnswer(
        problem(404, "suppression-not-found", "The address is not on the list. Nothing was to be done."),
      );
    },
  };
  const removeMany: Operation = {
    method: "POST",
    path: "/suppressions/remove",
    open: false,
    takesMail: false,
    describe: {
      operationId: "removeSuppressions",
      summary: "Write to many addresses again",
      request: { "application/json": removalSchema },
      responses: { 200: { description: "They are off the list.", schema: removedSchema } },
      problems: [400, 413, 415, 422],
    },
    async handle({ submitter, body }) {
      const read = removalSchema.safeParse(body, IN_WORDS);
      if (!read.success) return problemAnswer(invalid(shapeFaults(read.error)));
      const filter = filterOf(read.data, (member) => ({ pointer: `/${member}` }));
      if ("code" in filter) return problemAnswer(filter);
      const addresses = read.data.addresses?.map((one) => addressIn(one)?.address ?? one.replaceAll("\0", ""));
      const removed = await suppressions.removeMany(submitter.tenant, {
        ...filter,
        ...(addresses === undefined ? {} : { addresses }),
      });
      return { status: 200, body: { removed, more: removed === REMOVE_AT_ONCE } };
    },
  };
  return [list, add, remove, removeMany];
}
