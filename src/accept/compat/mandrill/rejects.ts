import type { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { validationError } from "./errors.ts";
import type { emailShape, listShape } from "./shape.ts";

const MOST = 1_000;
const dateThere = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

export async function addReject(
  given: z.infer<typeof emailShape>,
  who: Submitter,
  { suppressions }: CompatParts,
): Promise<unknown> {
  if (!parseMailbox(given.email)) return validationError("`email` is no mail address.");
  const answer = await suppressions.add(
    who.tenant,
    given.email,
    (given.comment ?? `by ${who.credential}`).replace(/\p{Cc}/gu, " ").slice(0, 200),
  );
  return { email: given.email, added: answer === "done" };
}

export async function deleteReject(
  given: z.infer<typeof emailShape>,
  who: Submitter,
  { suppressions }: CompatParts,
): Promise<unknown> {
  return { email: given.email, deleted: await suppressions.remove(who.tenant, given.email), subaccount: null };
}

export async function listRejects(
  given: z.infer<typeof listShape>,
  who: Submitter,
  { suppressions }: CompatParts,
): Promise<unknown> {
  const all = await suppressions.list(who.tenant, MOST, null);
  return all
    .filter((one) => !given.email || one.address === given.email.toLowerCase())
    .map((one) => ({
      email: one.address,
      reason: "custom",
      detail: one.reason,
      created_at: dateThere(one.createdAt),
      last_event_at: dateThere(one.createdAt),
      expires_at: null,
      expired: false,
      subaccount: null,
      sender: null,
    }));
}
