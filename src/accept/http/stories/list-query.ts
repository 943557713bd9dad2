import { z } from "zod";
import type { SpoolId } from "../../../kernel/index.ts";
import { parseMailbox, transferable } from "../../../mail/index.ts";
import { MESSAGE_STATES, type MessageFilter } from "../../../spool/index.ts";
import { HTTP_BOUNDS } from "../bounds.ts";
import { NOT_AN_INSTANT, readInstant } from "../instant.ts";
import { type Fault, type ProblemDocument, invalid } from "../problem.ts";
import { cursorId } from "./cursor.ts";

const DEFAULT_PAGE_ITEMS = 50;

/** Query parameters are texts; what they mean is read below. */
export const listParameters = {
  state: z.enum(MESSAGE_STATES).optional(),
  stream: z
    .string()
    .regex(/^[\x20-\x7e]{1,64}$/, "must be the name of a stream.")
    .optional(),
  recipient: z.string().optional().describe("An address; exactly this one."),
  author: z.string().optional().describe("The address in From; exactly this one."),
  tag: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}(?:=.{0,256})?$/su, "must be the name of a tag, or name=value.")
    .optional()
    .describe("`campaign`: has such a tag; `campaign=spring`: with this value."),
  acceptedAfter: z.string().optional().describe("RFC 3339; from this instant on."),
  acceptedBefore: z.string().optional().describe("RFC 3339; before this instant."),
  limit: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, `must be a number from 1 to ${HTTP_BOUNDS.pageItems}.`)
    .optional()
    .describe(`1 to ${HTTP_BOUNDS.pageItems}; ${DEFAULT_PAGE_ITEMS} where absent.`),
  cursor: z.string().max(64).optional().describe("`nextCursor` of the page before."),
};
const listQuery = z.strictObject(listParameters);

export type ListQuery = { filter: MessageFilter; limit: number; after: SpoolId | null };

export function readListQuery(tenant: string, given: unknown): ListQuery | ProblemDocument {
  const shape = listQuery.safeParse(given);
  if (!shape.success) return invalid(shape.error.issues.flatMap(parameterFaults).slice(0, HTTP_BOUNDS.faults));
  const { state, stream, recipient, author, tag, acceptedAfter, acceptedBefore, limit, cursor } = shape.data;
  const faults: Fault[] = [];
  const instant = (parameter: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const at = readInstant(text);
    if (at === null) faults.push({ parameter, detail: NOT_AN_INSTANT });
    return at ?? undefined;
  };
  const after = instant("acceptedAfter", acceptedAfter);
  const before = instant("acceptedBefore", acceptedBefore);
  const mailbox = recipient === undefined ? undefined : parseMailbox(recipient);
  if (mailbox === null) faults.push({ parameter: "recipient", detail: "must be exactly one address." });
  const from = author === undefined ? undefined : parseMailbox(author);
  if (from === null) faults.push({ parameter: "author", detail: "must be exactly one address." });
  const count = limit === undefined ? DEFAULT_PAGE_ITEMS : Number(limit);
  if (count > HTTP_BOUNDS.pageItems)
    faults.push({ parameter: "limit", detail: `must be at most ${HTTP_BOUNDS.pageItems}.` });
  const last = cursor === undefined ? null : cursorId(cursor);
  if (cursor !== undefined && last === null) {
    faults.push({ parameter: "cursor", detail: "is none of ours: give `nextCursor` of the page before, unchanged." });
  }
  if (faults.length > 0) return invalid(faults);
  return {
    filter: {
      tenant,
      ...(state === undefined ? {} : { state }),
      ...(stream === undefined ? {} : { stream }),
      ...(mailbox ? { recipient: transferable(mailbox).address } : {}),
      ...(from ? { author: transferable(from).address } : {}),
      ...(tag === undefined ? {} : { tag: tagOf(tag) }),
      ...(after === undefined ? {} : { acceptedAfter: after }),
      ...(before === undefined ? {} : { acceptedBefore: before }),
    },
    limit: count,
    after: last,
  };
}

function tagOf(text: string): { name: string; value?: string } {
  const at = text.indexOf("=");
  return at === -1 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

const parameterFaults = (issue: z.core.$ZodIssue): Fault[] =>
  issue.code === "unrecognized_keys"
    ? issue.keys.map((parameter) => ({ parameter, detail: "is not a known parameter." }))
    : [{ parameter: String(issue.path[0] ?? ""), detail: issue.message }];
