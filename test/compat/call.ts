/**
 * What of a client's methods is counted: sending and following a message, templates, suppressions. Listed in the table
 * and not counted: `content`, which reads back what a mail said (Postern keeps that sealed, and not at all after the
 * mail has ended), and `other`: accounts, keys, statistics, domains.
 */
export type CallGroup = "message" | "template" | "suppression" | "content" | "other";
const COUNTED: ReadonlySet<CallGroup> = new Set(["message", "template", "suppression"]);

/** One method of an official client, as its users call it. */
export type Call = {
  /** As its documentation names it: `messages.send`. */
  name: string;
  group: CallGroup;
  /** Calls it against Postern and checks what came back; throws where that is not what the vendor's users rely on. */
  run(): Promise<unknown>;
  /** What is told of it in the table, in a few words. */
  note?: string;
  /** Not done here: the call has to fail in the vendor's own shape, and this looks at that failure. */
  refused?: (error: unknown) => boolean;
};

/** An official client, unmodified, with every method of it that has to do with mail. */
export type ClientCalls = {
  /** Heading of its table, such as "Mailchimp Transactional". */
  vendor: string;
  /** npm package. */
  client: string;
  calls: readonly Call[];
};

export type CallResult = { name: string; group: CallGroup; kind: "works" | "refused" | "fails"; note: string };
export type ClientResults = { vendor: string; client: string; version: string; results: CallResult[] };

/** Tries one call. What is announced as refused and is answered otherwise fails: the table may not say less than there is. */
export async function tryCall(call: Call): Promise<CallResult> {
  const { name, group, note = "" } = call;
  try {
    await call.run();
    if (call.refused) return { name, group, kind: "fails", note: "was to be refused, and was answered" };
    return { name, group, kind: "works", note };
  } catch (error) {
    if (call.refused?.(error)) return { name, group, kind: "refused", note };
    return { name, group, kind: "fails", note: String(error instanceof Error ? error.message : error).slice(0, 300) };
  }
}

/** Of the calls that count. */
export function shareThatWorks({ results }: ClientResults): { works: number; counted: number } {
  const counted = results.filter((one) => COUNTED.has(one.group));
  return { works: counted.filter((one) => one.kind === "works").length, counted: counted.length };
}
