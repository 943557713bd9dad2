import { type SpoolId, isUuid, uuidBytes, uuidText } from "../../../kernel/index.ts";
import type { EventCursor } from "../../../spool/index.ts";

/** A place in a list, opaque to clients: a version and the last id of the page before. Says nothing that the page did not. */
const VERSION = 1;
const ID_OCTETS = 16;

export const cursorText = (last: SpoolId): string =>
  Buffer.concat([Buffer.of(VERSION), uuidBytes(last)]).toString("base64url");

/** A place among events: they have no number of their own. */
export const eventCursorText = ({ at, key }: EventCursor): string =>
  Buffer.from(`${VERSION}.${at}.${key}`).toString("base64url");

/** Null where it is none of ours. */
export function eventCursor(text: string): EventCursor | null {
  const read = /^1\.(\d{1,15})\.([0-9a-z-]{40,80})$/.exec(Buffer.from(text, "base64url").toString("latin1"));
  return read && { at: Number(read[1]), key: read[2]! };
}

/** Null where it is none of ours. */
export function cursorId(text: string): SpoolId | null {
  const octets = Buffer.from(text, "base64url");
  if (octets.length !== 1 + ID_OCTETS || octets[0] !== VERSION) return null;
  const id = uuidText(octets.subarray(1));
  return isUuid(id) && cursorText(id as SpoolId) === text ? (id as SpoolId) : null;
}
