import type { SpoolId } from "../../../kernel/index.ts";
import type { MessageFilter, MessageSummary } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import { type Fault, fault } from "./dialect.ts";
import { mailFault } from "./field.ts";
import { BATCH_TAG, batchMadeAt } from "./batch-id.ts";

export type BatchStatus = "pause" | "cancel";

const PAGE = 200;
/** Acts of one call; a batch of more is asked for again. */
const MOST = 20_000;
/** The clocks of two nodes. */
const SLACK_MS = 60_000;

type Parts = Pick<CompatParts, "stories" | "acts">;

/** Its messages; null: there is no such batch. */
const filterOf = (tenant: string, batch: string): (MessageFilter & { tenant: string }) | null => {
  const madeAt = batchMadeAt(tenant, batch);
  if (madeAt === null) return null;
  return { tenant, tag: { name: BATCH_TAG, value: batch }, acceptedAfter: madeAt - SLACK_MS };
};

/** Held by a person, and by no rule. */
export const isPaused = ({ state, heldReason }: MessageSummary): boolean =>
  state === "held" && heldReason === "by-operator";

/** What its messages are now says what was done to the batch; nothing else is kept of it. */
export async function statusOf(tenant: string, batch: string, { stories }: Parts): Promise<BatchStatus | null> {
  const filter = filterOf(tenant, batch);
  if (!filter) return null;
  const held = await stories.list({ ...filter, state: "held" }, PAGE, null);
  if (held.messages.some(isPaused)) return "pause";
  const cancelled = await stories.list({ ...filter, event: "message.cancelled" }, 1, null);
  return cancelled.messages.length > 0 ? "cancel" : null;
}

/** Why a batch takes no further message, or null. */
export async function whyNoMore(tenant: string, batch: string, parts: Parts): Promise<Fault | null> {
  if (batchMadeAt(tenant, batch) === null) return mailFault("The batch_id is invalid.", "batch_id");
  const status = await statusOf(tenant, batch, parts);
  if (status === null) return null;
  return mailFault(
    `The batch is ${status === "pause" ? "paused" : "cancelled"} and takes no further message.`,
    "batch_id",
  );
}

/** Does it to every message that waits. @returns how many, or a fault where there are more than one call may change. */
async function toEach(
  states: readonly NonNullable<MessageFilter["state"]>[],
  filter: MessageFilter,
  { stories }: Parts,
  act: (one: MessageSummary) => Promise<boolean>,
): Promise<number | Fault> {
  let done = 0;
  for (const state of states) {
    for (let after: SpoolId | null = null; ;) {
      const page = await stories.list({ ...filter, state }, PAGE, after);
      for (const one of page.messages) if (await act(one)) done += 1;
      if (page.next === null) break;
      if (done >= MOST) return fault(503, "The batch has more messages than one call may change. Ask again.");
      after = page.next;
    }
  }
  return done;
}

/** @returns how many messages it reached; null: there is no such batch. */
export async function changeBatch(
  tenant: string,
  batch: string,
  change: BatchStatus | "resume",
  actor: string,
  parts: Parts,
): Promise<number | Fault | null> {
  const filter = filterOf(tenant, batch);
  if (!filter) return null;
  const { acts } = parts;
  const did = async (answer: Promise<string>): Promise<boolean> => (await answer) === "done";
  switch (change) {
    case "pause":
      return toEach(["scheduled", "queued"], filter, parts, (one) => did(acts.hold(tenant, one.spoolId, actor)));
    case "cancel":
      return toEach(["scheduled", "queued", "held"], filter, parts, (one) =>
        did(acts.cancel(tenant, one.spoolId, actor)),
      );
    case "resume":
      return toEach(["held"], filter, parts, async (one) =>
        isPaused(one) ? did(acts.release(tenant, one.spoolId, actor)) : false,
      );
  }
}
