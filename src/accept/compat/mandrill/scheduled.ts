import type { z } from "zod";
import type { MessageSummary } from "../../../spool/index.ts";
import { SCHEDULE, tooFar } from "../../schedule.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { dateThere, readDate } from "./dates.ts";
import { type MandrillError, isError, unknownMessage, validationError } from "./errors.ts";
import { idHere, idThere } from "./ids.ts";
import type { idShape, rescheduleShape, toShape } from "./shape.ts";

const MOST = 1_000;

/** Subjects are not kept. */
const scheduledThere = (message: MessageSummary, sendAt = message.sendAt): object => ({
  _id: idThere(message.spoolId),
  created_at: dateThere(message.acceptedAt),
  send_at: dateThere(sendAt ?? message.acceptedAt),
  from_email: message.author,
  to: message.recipients[0]?.address ?? "",
  subject: "",
});

export async function listScheduled(
  { to }: z.infer<typeof toShape>,
  who: Submitter,
  { stories }: CompatParts,
): Promise<unknown> {
  const filter = { tenant: who.tenant, state: "scheduled" as const, ...(to ? { recipient: to } : {}) };
  return (await stories.list(filter, MOST, null)).messages.map((message) => scheduledThere(message));
}

export async function cancelScheduled(
  { id }: z.infer<typeof idShape>,
  who: Submitter,
  parts: CompatParts,
): Promise<unknown> {
  const message = await scheduled(id, who, parts);
  if (isError(message)) return message;
  const done = await parts.acts.cancel(who.tenant, message.spoolId, `api:${who.credential}`);
  return done === "done" ? scheduledThere(message) : unknownMessage(id);
}

/** In the past: it is sent at once. */
export async function reschedule(
  { id, send_at: given }: z.infer<typeof rescheduleShape>,
  who: Submitter,
  parts: CompatParts,
): Promise<unknown> {
  const at = readDate(given);
  if (at === null) return validationError("`send_at` must be a UTC timestamp in YYYY-MM-DD HH:MM:SS format.");
  const message = await scheduled(id, who, parts);
  if (isError(message)) return message;
  const done = await parts.acts.reschedule(who.tenant, message.spoolId, at, `api:${who.credential}`);
  if (done === "too-far") return validationError(tooFar(parts.limits).publicMessage);
  if (done === "beyond-secret") return validationError(SCHEDULE.beyondSecret.publicMessage);
  return done === "done" ? scheduledThere(message, at) : unknownMessage(id);
}

/** What has been sent, or is being sent, is not known there as scheduled. */
async function scheduled(
  id: string,
  who: Submitter,
  { stories }: CompatParts,
): Promise<MessageSummary | MandrillError> {
  const here = idHere(id);
  const story = here && (await stories.find(who.tenant, here));
  return story?.state === "scheduled" ? story : unknownMessage(id);
}
