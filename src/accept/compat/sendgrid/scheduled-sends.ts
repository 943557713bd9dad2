import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { SpoolId } from "../../../kernel/index.ts";
import type { MessageFilter, MessageSummary } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import { jsonOf } from "../scope.ts";
import { BATCH_TAG } from "./batch-id.ts";
import { type Fault, answer, fault, isFault, notFound, nothing, refuse, sendgridScope } from "./dialect.ts";
import { type BatchStatus, changeBatch, isPaused, statusOf } from "./scheduled-batch.ts";

const statusShape = z.looseObject({ status: z.enum(["pause", "cancel"]) });
const batchShape = statusShape.extend({ batch_id: z.string() });

/** Messages that are looked through for the batches they are of. */
const LOOKED_AT = 5_000;
const PAGE = 500;

const UNDONE = fault(
  400,
  "A cancelled batch cannot be brought back: its messages have ended here. Send them again under another batch_id.",
  "batch_id",
);
const NOTHING_WAITS = fault(400, "No message of this batch waits to be sent.", "batch_id");

/** docs.sendgrid.com/api-reference/cancel-scheduled-sends (seen 2026-11-25). What is cancelled ends at once. */
export function scheduledSendRoutes(server: FastifyInstance, parts: CompatParts): void {
  const change = async (tenant: string, batch: string, to: BatchStatus, actor: string): Promise<Fault | null> => {
    const before = await statusOf(tenant, batch, parts);
    if (before === to) return null;
    if (before === "cancel") return UNDONE;
    const reached = await changeBatch(tenant, batch, to, actor, parts);
    if (reached === null) return notFound("batch id", "batch_id");
    if (typeof reached !== "number") return reached;
    return reached === 0 ? NOTHING_WAITS : null;
  };
  sendgridScope(server, parts, "/v3/user/scheduled_sends", (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const read = batchShape.safeParse(jsonOf(request.body));
      if (!read.success)
        return refuse(reply, fault(400, 'Give batch_id, and status as "pause" or "cancel".', "status"));
      const { batch_id, status } = read.data;
      const { tenant, credential } = whoOf(request);
      const no = await change(tenant, batch_id, status, `api:${credential}`);
      return answer(reply, no ?? { batch_id, status }, 201);
    });
    scope.get("/", async (request, reply) => reply.send(await batchesOf(whoOf(request).tenant, parts)));
    scope.get("/:id", async (request, reply) => {
      const { id } = request.params as { id: string };
      const status = await statusOf(whoOf(request).tenant, id, parts);
      return reply.send(status === null ? [] : [{ batch_id: id, status }]);
    });
    scope.patch("/:id", async (request, reply) => {
      const { id } = request.params as { id: string };
      const read = statusShape.safeParse(jsonOf(request.body));
      if (!read.success) return refuse(reply, fault(400, 'The status is "pause" or "cancel".', "status"));
      const { tenant, credential } = whoOf(request);
      if ((await statusOf(tenant, id, parts)) === null) return refuse(reply, notFound("batch id", "batch_id"));
      const no = await change(tenant, id, read.data.status, `api:${credential}`);
      return no ? refuse(reply, no) : nothing(reply);
    });
    scope.delete("/:id", async (request, reply) => {
      const { id } = request.params as { id: string };
      const { tenant, credential } = whoOf(request);
      const status = await statusOf(tenant, id, parts);
      if (status === null) return refuse(reply, notFound("batch id", "batch_id"));
      if (status === "cancel") return refuse(reply, UNDONE);
      const resumed = await changeBatch(tenant, id, "resume", `api:${credential}`, parts);
      return resumed !== null && typeof resumed !== "number" && isFault(resumed)
        ? refuse(reply, resumed)
        : nothing(reply);
    });
  });
}

/** Those that are paused, and those that were cancelled and whose time has not come. */
async function batchesOf(tenant: string, parts: CompatParts): Promise<{ batch_id: string; status: BatchStatus }[]> {
  const found = new Map<string, BatchStatus>();
  const note = (one: MessageSummary, status: BatchStatus): void => {
    const batch = one.tags[BATCH_TAG];
    if (batch !== undefined && !found.has(batch)) found.set(batch, status);
  };
  const of = { tenant, tag: { name: BATCH_TAG } };
  await each({ ...of, state: "held" }, parts, (one) => {
    if (isPaused(one)) note(one, "pause");
  });
  const now = parts.clock.now();
  const cancelled = { ...of, event: "message.cancelled", acceptedAfter: now - parts.limits.scheduleAheadMs };
  await each(cancelled, parts, (one) => {
    if (one.sendAt !== null && one.sendAt > now) note(one, "cancel");
  });
  return [...found].map(([batch_id, status]) => ({ batch_id, status }));
}

async function each(
  filter: MessageFilter,
  { stories }: CompatParts,
  see: (one: MessageSummary) => void,
): Promise<void> {
  let after: SpoolId | null = null;
  for (let seen = 0; seen < LOOKED_AT; seen += PAGE) {
    const page = await stories.list(filter, PAGE, after);
    page.messages.forEach(see);
    if (page.next === null) return;
    after = page.next;
  }
}
