import { createHash } from "node:crypto";
import type { Clock, Random } from "../../../kernel/index.ts";

/** The tag by which the messages of a batch are found; webhooks do not tell it (notify/dialects/sendgrid.ts). */
export const BATCH_TAG = "_batch";

const TIME_OCTETS = 6;
const OWN_OCTETS = 18;
const CHECK_OCTETS = 6;

/** That an id was made here and for whom. No secret: whoever makes one up names a batch of his own. */
const check = (tenant: string, own: Buffer): Buffer =>
  createHash("sha256").update(`sendgrid batch ${tenant} `).update(own).digest().subarray(0, CHECK_OCTETS);

/** 32 characters, as theirs; nothing is kept of it. It begins with the instant, so its messages need be looked for from then on only. */
export function newBatchId(tenant: string, clock: Clock, random: Random): string {
  const own = Buffer.alloc(OWN_OCTETS);
  own.writeUIntBE(clock.now(), 0, TIME_OCTETS);
  random.bytes(OWN_OCTETS - TIME_OCTETS).copy(own, TIME_OCTETS);
  return Buffer.concat([own, check(tenant, own)]).toString("base64url");
}

/** When it was made; null: it is none of the tenant's. */
export function batchMadeAt(tenant: string, id: string): number | null {
  if (!/^[\w-]{32}$/.test(id)) return null;
  const octets = Buffer.from(id, "base64url");
  const own = octets.subarray(0, OWN_OCTETS);
  return check(tenant, own).equals(octets.subarray(OWN_OCTETS)) ? own.readUIntBE(0, TIME_OCTETS) : null;
}
