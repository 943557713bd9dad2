import { z } from "zod";
import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import { EVENT_KIND_NAMES, type EventKind, parseMailbox, transferable } from "../../../mail/index.ts";
import { type EventCursor, type EventFilter, MESSAGE_STATES, type MessageFilter } from "../../../spool/index.ts";
import { IN_WORDS } from "../in-words.ts";
import { HTTP_BOUNDS } from "../bounds.ts";
import { NOT_AN_INSTANT, readInstant } from "../instant.ts";
import { type Fault, type ProblemDocument, invalid } from "../problem.ts";
import { cursorId, eventCursor } from "./cursor.ts";

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
    .regex(/^[A-Za-z0-9_.-]{1,64}(?:=[^\0]{0,256})?$/u, "must be the name of a tag, or name=value.")
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

const { state: _, acceptedAfter: __, acceptedBefore: ___, ...shared } = listParameters;
export const eventParameters = {
  ...shared,
  kind: z.string().max(400).optional().describe("Kinds separated by commas, such as `message.delivered`."),
  message: z.string().optional().describe("The id of one message."),
  after: z.string().optional().describe("RFC 3339; from this instant on."),
  before: z.string().optional().describe("RFC 3339; before this instant."),
  order: z.enum(["newest", "oldest"]).optional().describe("Which come first; newest where absent."),
  cursor: z.string().max(200).optional().describe("`nextCursor` of the page before."),
};
const eventQuery = z.strictObject(eventParameters);

export type ListQuery = { filter: MessageFilter; limit: number; after: SpoolId | null };
type EventQuery = { filter: EventFilter; limit: number; after: EventCursor | null };

export function readListQuery(tenant: string, given: unknown): ListQuery | ProblemDocument {
  const shape = listQuery.safeParse(given, IN_WORDS);
  if (!shape.success) return shapeProblem(shape.error);
  const { state, acceptedAfter, acceptedBefore, cursor } = shape.data;
  const values = new Values();
  const after = values.instant("acceptedAfter", acceptedAfter);
  const before = values.instant("acceptedBefore", acceptedBefore);
  const narrowed = values.narrowed(shape.data);
  const limit = values.limit(shape.data.limit);
  const last = values.cursor(cursor, cursorId);
  if (values.faults.length > 0) return invalid(values.faults);
  return {
    filter: {
      tenant,
      ...(state === undefined ? {} : { state }),
      ...narrowed,
      ...(after === undefined ? {} : { acceptedAfter: after }),
      ...(before === undefined ? {} : { acceptedBefore: before }),
    },
    limit,
    after: last,
  };
}

export function readEventQuery(tenant: string, given: unknown): EventQuery | ProblemDocument {
  const shape = eventQuery.safeParse(given, IN_WORDS);
  if (!shape.success) return shapeProblem(shape.error);
  const { kind, message, order, cursor } = shape.data;
  const values = new Values();
  const after = values.instant("after", shape.data.after);
  const before = values.instant("before", shape.data.before);
  const narrowed = values.narrowed(shape.data);
  const limit = values.limit(shape.data.limit);
  const last = values.cursor(cursor, eventCursor);
  const kinds = kind?.split(",");
  for (const one of kinds ?? []) {
    if (!EVENT_KIND_NAMES.includes(one as EventKind))
      values.fault("kind", `names no kind of event: ${one.slice(0, 64)}.`);
  }
  if (message !== undefined && !isUuid(message)) values.fault("message", "must be the id of a message.");
  if (values.faults.length > 0) return invalid(values.faults);
  return {
    filter: {
      tenant,
      ...narrowed,
      ...(kinds === undefined ? {} : { kinds }),
      ...(message === undefined ? {} : { spoolId: message as SpoolId }),
      ...(after === undefined ? {} : { after }),
      ...(before === undefined ? {} : { before }),
      ...(order === "oldest" ? { oldestFirst: true } : {}),
    },
    limit,
    after: last,
  };
}

/** Reads what parameters mean; goes on after a fault so that one answer tells them all. */
class Values {
  readonly faults: Fault[] = [];

  fault(parameter: string, detail: string): void {
    this.faults.push({ parameter, detail });
  }
  instant(parameter: string, text: string | undefined): number | undefined {
    const at = text === undefined ? undefined : readInstant(text);
    if (at === null) this.fault(parameter, NOT_AN_INSTANT);
    return at ?? undefined;
  }
  address(parameter: string, text: string | undefined): string | undefined {
    const mailbox = text === undefined ? undefined : parseMailbox(text);
    if (mailbox === null) this.fault(parameter, "must be exactly one address.");
    return mailbox ? transferable(mailbox).address : undefined;
  }
  limit(text: string | undefined): number {
    const count = text === undefined ? DEFAULT_PAGE_ITEMS : Number(text);
    if (count > HTTP_BOUNDS.pageItems) this.fault("limit", `must be at most ${HTTP_BOUNDS.pageItems}.`);
    return count;
  }
  cursor<Cursor>(text: string | undefined, read: (text: string) => Cursor | null): Cursor | null {
    const last = text === undefined ? null : read(text);
    if (text !== undefined && last === null) {
      this.fault("cursor", "is none of ours: give `nextCursor` of the page before, unchanged.");
    }
    return last;
  }
  /** What both lists are narrowed by. */
  narrowed({ stream, recipient, author, tag }: Narrowing): Pick<MessageFilter, keyof Narrowing> {
    const to = this.address("recipient", recipient);
    const from = this.address("author", author);
    return {
      ...(stream === undefined ? {} : { stream }),
      ...(to === undefined ? {} : { recipient: to }),
      ...(from === undefined ? {} : { author: from }),
      ...(tag === undefined ? {} : { tag: tagOf(tag) }),
    };
  }
}
type Narrowing = Partial<Record<"stream" | "recipient" | "author" | "tag", string | undefined>>;

const shapeProblem = (error: z.ZodError): ProblemDocument =>
  invalid(error.issues.flatMap(parameterFaults).slice(0, HTTP_BOUNDS.faults));

function tagOf(text: string): { name: string; value?: string } {
  const at = text.indexOf("=");
  return at === -1 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

const parameterFaults = (issue: z.core.$ZodIssue): Fault[] =>
  issue.code === "unrecognized_keys"
    ? issue.keys.map((parameter) => ({ parameter, detail: "is not a known parameter." }))
    : [{ parameter: String(issue.path[0] ?? ""), detail: issue.message }];
