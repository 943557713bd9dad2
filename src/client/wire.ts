import type { Message, MessageSummary } from "./messages.ts";
import { PosternError } from "./postern-error.ts";

/** A message as JSON text; octets become base64. */
export function wireText(message: Message): string {
  if ("raw" in message) return JSON.stringify({ ...message, raw: base64(message.raw) });
  if (!message.attachments) return JSON.stringify(message);
  return JSON.stringify({
    ...message,
    attachments: message.attachments.map((one) => ({ ...one, content: base64(one.content) })),
  });
}

const base64 = (content: string | Uint8Array): string =>
  typeof content === "string"
    ? content
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("base64");

export type Accepted = { id: string; replayed: boolean };

/** A 202 is believed only with what makes it one: something between may answer 2xx to everything. */
export function readAccepted(body: unknown): Accepted {
  const { id, status, replayed } = (body ?? {}) as Record<string, unknown>;
  if (typeof id === "string" && status === "accepted") return { id, replayed: replayed === true };
  throw notPostern();
}

export type WireResult = ({ status: "accepted" } & Accepted) | { status: "refused"; problem: unknown };

export function readResults(body: unknown, count: number): WireResult[] {
  const { results } = (body ?? {}) as { results?: unknown };
  if (!Array.isArray(results) || results.length !== count) throw notPostern();
  return (results as Record<string, unknown>[]).map((result) =>
    result["status"] === "refused"
      ? { status: "refused", problem: result["problem"] }
      : { status: "accepted", ...readAccepted(result) },
  );
}

export function readPage(body: unknown): { messages: MessageSummary[]; nextCursor: string | null } {
  const { messages, nextCursor } = (body ?? {}) as { messages?: unknown; nextCursor?: unknown };
  if (!Array.isArray(messages) || (nextCursor !== null && typeof nextCursor !== "string")) throw notPostern();
  return { messages: messages as MessageSummary[], nextCursor };
}

export const notPostern = (): PosternError =>
  new PosternError(
    "unexpected-answer",
    "The answer is JSON, but not Postern's. Check the address, and what stands between.",
  );
