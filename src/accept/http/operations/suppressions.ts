import { z } from "zod";
import { type Mailbox, parseMailbox, transferable } from "../../../mail/index.ts";
import type { Suppression } from "../../../tenancy/index.ts";
import { invalid, problem, problemAnswer } from "../problem.ts";
import { shapeFaults } from "../submit/faults.ts";
import type { Operation, OperationParts } from "./operation.ts";

const PAGE = 200;
const REASON_CHARACTERS = 200;
const NO_CONTROLS = /^\P{Cc}*$/u;

const suppressionSchema = z.strictObject({
  address: z.string().describe("Compared without regard to the case of ASCII letters."),
  reason: z.string(),
  createdAt: z.string(),
});
const pageSchema = z.strictObject({
  suppressions: z.array(suppressionSchema),
  nextAfter: z.string().nullable().describe("For the next page; null on the last one."),
});
const newSchema = z.strictObject({
  address: z.string(),
  reason: z.string().min(1).max(REASON_CHARACTERS).regex(NO_CONTROLS, "must not hold control characters.").optional(),
});
const doneSchema = z.strictObject({ address: z.string(), status: z.enum(["suppressed", "removed"]) });

const json = ({ address, reason, createdAt }: Suppression): z.infer<typeof suppressionSchema> => ({
  address,
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
      ],
      responses: { 200: { description: "One page, by address.", schema: pageSchema } },
      problems: [422],
    },
    async handle({ submitter, query }) {
      const { after } = query as { after?: unknown };
      const last = after === undefined ? null : addressIn(after);
      if (last === null && after !== undefined) return notAnAddress({ parameter: "after" });
      const page = await suppressions.list(submitter.tenant, PAGE, last && last.address);
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
      const read = newSchema.safeParse(body);
      if (!read.success) return problemAnswer(invalid(shapeFaults(read.error)));
      const mailbox = addressIn(read.data.address);
      if (!mailbox) return notAnAddress({ pointer: "/address" });
      await suppressions.add(submitter.tenant, mailbox.address, read.data.reason ?? `by ${submitter.credential}`);
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
  return [list, add, remove];
}
