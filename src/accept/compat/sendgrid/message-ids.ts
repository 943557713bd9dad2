import { type SpoolId, isUuid } from "../../../kernel/index.ts";

/** One recipient of a message, as events tell it too (notify/dialects/sendgrid.ts): it begins with the X-Message-Id. */
export const messageIdOf = (spoolId: SpoolId, n: number): string => `${spoolId}.recvd-postern-${n}.0`;

const MESSAGE_ID = /^([0-9a-f-]{36})(?:\.recvd-postern-(\d{1,4})\.0)?$/;

/** Of an X-Message-Id alone no recipient is said. Null: it is none of ours. */
export function readMessageId(text: string): { spoolId: SpoolId; n: number | null } | null {
  const [, id, n] = MESSAGE_ID.exec(text) ?? [];
  if (id === undefined || !isUuid(id)) return null;
  return { spoolId: id as SpoolId, n: n === undefined ? null : Number(n) };
}
