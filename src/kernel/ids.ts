import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Our row for one submission; a UUIDv7, so it sorts by the time of accept. */
export type SpoolId = Branded<"SpoolId">;
/** One running Postern process. */
export type NodeId = Branded<"NodeId">;
/** One try of one message at one provider; unguessable from the spool id. */
export type AttemptId = Branded<"AttemptId">;

/** A UUIDv7 as bytes: 48 bits of milliseconds, then random (RFC 9562 §5.7). */
export function uuidV7(clock: Clock, random: Random): Buffer {
  const id = random.bytes(16);
  id.writeUIntBE(clock.now(), 0, 6);
  id[6] = (id[6]! & 0x0f) | 0x70;
  id[8] = (id[8]! & 0x3f) | 0x80;
  return id;
}

export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export const uuidBytes = (text: string): Buffer => Buffer.from(text.replaceAll("-", ""), "hex");

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isUuid = (text: string): boolean => UUID.test(text);

export const newSpoolId = (clock: Clock, random: Random): SpoolId => uuidText(uuidV7(clock, random)) as SpoolId;
export const newNodeId = (clock: Clock, random: Random): NodeId => uuidText(uuidV7(clock, random)) as NodeId;
