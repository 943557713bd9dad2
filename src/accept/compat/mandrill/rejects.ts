import type { z } from "zod";
import { parseMailbox } from "../../../mail/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { dateThere } from "./dates.ts";
import { validationError } from "./errors.ts";
import { REJECT_REASONS } from "./send.ts";
import type { emailShape, listShape } from "./shape.ts";

type Email = z.infer<typeof emailShape>;
type Asked = z.infer<typeof listShape>;

const MOST = 1_000;
const NO_ADDRESS = validationError("`email` is no mail address.");
const FULL = validationError("The list is as long as it may be. Take an address off it.");

const commentOf = ({ comment }: Email, who: Submitter): string =>
  (comment || `by ${who.credential}`)
    .replace(/\p{Cc}/gu, " ")
    .toWellFormed()
    .slice(0, 200)
    .toWellFormed();

/** An address on the allowlist stays off the denylist: "will have no effect" (rejects/add, seen 2026-11-25). */
export async function addReject(given: Email, who: Submitter, parts: CompatParts): Promise<unknown> {
  if (!parseMailbox(given.email)) return NO_ADDRESS;
  if (await parts.exceptions.has(who.tenant, given.email)) return { email: given.email, added: false };
  const answer = await parts.suppressions.add(who.tenant, given.email, commentOf(given, who));
  return answer === "full" ? FULL : { email: given.email, added: true };
}

export async function deleteReject({ email }: Email, who: Submitter, parts: CompatParts): Promise<unknown> {
  return { email, deleted: await parts.suppressions.remove(who.tenant, email), subaccount: null };
}

export async function listRejects({ email }: Asked, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await parts.suppressions.list(who.tenant, MOST, null, email ? { addresses: [email] } : {});
  return found.map(({ address, kind, reason, createdAt }) => ({
    email: address,
    reason: REJECT_REASONS[kind],
    detail: reason,
    created_at: dateThere(createdAt),
    last_event_at: dateThere(createdAt),
    expires_at: null,
    expired: false,
    subaccount: null,
    sender: null,
  }));
}

/** The allowlist: no report of a provider puts these addresses onto the denylist, and one that is there comes off it. */
export async function addAllowed(given: Email, who: Submitter, parts: CompatParts): Promise<unknown> {
  if (!parseMailbox(given.email)) return NO_ADDRESS;
  const answer = await parts.exceptions.add(who.tenant, given.email, commentOf(given, who));
  return answer === "full" ? FULL : { email: given.email, added: true };
}

export async function deleteAllowed({ email }: Email, who: Submitter, parts: CompatParts): Promise<unknown> {
  return { email, deleted: await parts.exceptions.remove(who.tenant, email) };
}

export async function listAllowed({ email }: Asked, who: Submitter, parts: CompatParts): Promise<unknown> {
  const found = await parts.exceptions.list(who.tenant, MOST, null, email ?? "");
  return found.map(({ address, comment, createdAt }) => ({
    email: address,
    detail: comment,
    created_at: dateThere(createdAt),
  }));
}
