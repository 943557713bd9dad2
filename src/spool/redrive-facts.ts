import type { SpoolId } from "../kernel/index.ts";
import { type Lane, type Statement, uuidArray } from "../store/index.ts";
import { type ObservedMessage, loadObserved } from "./observed-facts.ts";

/** What must be known of a message in doubt before anything is done about it. */
export type DoubtedMessage = ObservedMessage & {
  stream: string;
  tags: Record<string, string>;
  expiresAt: number | null;
  isSuperseded: boolean;
  /** Its text is still there. */
  hasBody: boolean;
};

/** The text's rows are locked, so that nothing takes them away before the message waits again. */
const BODIES: Statement = {
  name: "doubted-bodies",
  text: "SELECT spool_id FROM bodies WHERE spool_id = ANY($1::uuid[]) ORDER BY spool_id FOR UPDATE SKIP LOCKED",
};
const MESSAGES: Statement = {
  name: "doubted-messages",
  text: "SELECT spool_id, stream, tags, expires_at, superseded_by IS NOT NULL FROM messages WHERE spool_id = ANY($1::uuid[])",
};

/** Locked until the end of the transaction; `busy` are those that somebody else works on at this moment. */
export async function loadDoubted(
  execute: Lane["execute"],
  spoolIds: readonly string[],
): Promise<{ known: Map<string, DoubtedMessage>; busy: Set<string> }> {
  const { known: observed, busy } = await loadObserved(execute, spoolIds);
  const known = new Map<string, DoubtedMessage>();
  if (observed.size === 0) return { known, busy };
  const ids = [uuidArray([...observed.keys()].toSorted())];
  const bodies = new Set((await execute(BODIES, ids)).map((row) => row[0] as string));
  for (const [id, stream, tags, expiresAt, isSuperseded] of await execute(MESSAGES, ids)) {
    known.set(id as SpoolId, {
      ...observed.get(id as string)!,
      stream: stream as string,
      tags: (tags as Record<string, string> | null) ?? {},
      expiresAt: expiresAt as number | null,
      isSuperseded: isSuperseded as boolean,
      hasBody: bodies.has(id as string),
    });
  }
  return { known, busy };
}
