import type { FastifyRequest } from "fastify";
import { z } from "zod";
import {
  HAPPENINGS_OF,
  type Happening,
  VENDOR_WORDS,
  happeningOf,
  parseMailbox,
  transferable,
} from "../../../mail/index.ts";
import type { EventEntry, EventFilter } from "../../../spool/index.ts";
import { tagName } from "../tags.ts";
import { type Fault, fault, isFault, notSupported, queried } from "./dialect.ts";
import { readTime } from "./instant.ts";
import { messagesCalled } from "./message-id.ts";

/** What a date can be. */
const anInstant = z.number().min(0).max(8.64e15);

/** What a list of events is narrowed by; a page's address carries it on. */
export const narrowingShape = z.object({
  events: z.array(z.string().max(40)).max(20).optional(),
  severity: z.enum(["temporary", "permanent"]).optional(),
  recipient: z.string().max(320).optional(),
  from: z.string().max(320).optional(),
  tag: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{0,64}$/)
    .optional(),
  messageId: z
    .string()
    .regex(/^\P{Cc}{1,998}$/u)
    .optional(),
  after: anInstant.optional(),
  before: anInstant.optional(),
  oldestFirst: z.boolean(),
});
export type Narrowing = z.infer<typeof narrowingShape>;

const WORDS: readonly string[] = Object.values(VENDOR_WORDS.mailgun);
const TEMPORARY: ReadonlySet<Happening> = new Set(["deferred", "delayed"]);
export const severityOf = (happening: Happening): "temporary" | "permanent" =>
  TEMPORARY.has(happening) ? "temporary" : "permanent";

/** Parameters of "Events" (documentation.mailgun.com, seen 2026-11-25) that ask for what is not kept. */
const NOT_KEPT = ["list", "attachment", "subject", "to", "size", "recipients"] as const;

export function readNarrowing(request: FastifyRequest): Narrowing | Fault {
  for (const name of NOT_KEPT)
    if (queried(request, name) !== undefined) return notSupported(`Filtering events by ${name}`);
  const recipient = queried(request, "recipient");
  const from = queried(request, "from");
  const tag = queried(request, "tags");
  const messageId = queried(request, "message-id");
  const severity = queried(request, "severity");
  for (const [name, value] of Object.entries({ tags: tag, "message-id": messageId, recipient, from, severity }))
    if (value !== undefined && / (?:OR|AND|NOT) |^NOT /.test(` ${value} `))
      return notSupported(`An expression in ${name}`);
  const events = readEvents(queried(request, "event"));
  if (isFault(events)) return events;
  const span = readSpan(request);
  if (isFault(span)) return span;
  const read = narrowingShape.safeParse({
    ...span,
    ...events,
    severity,
    recipient,
    from,
    tag: tag === undefined ? undefined : tagName(tag),
    messageId,
  });
  return read.success ? read.data : fault(400, `Bad parameter ${read.error.issues[0]!.path.map(String).join(".")}`);
}

/** `accepted OR failed`, of names of events. */
export function readEvents(given: string | undefined): { events?: string[] } | Fault {
  if (given === undefined) return {};
  const events = given.split(/ OR /i).map((one) => one.replace(/[()"]/g, "").trim().toLowerCase());
  const unknown = events.find((one) => !/^[a-z_-]{1,40}$/.test(one));
  if (unknown !== undefined) return notSupported(`The expression ${given.slice(0, 80)} in event`);
  return { events };
}

/** From `begin` to `end`, whichever of them is later; without `end` it goes on into the past unless `ascending` says otherwise. */
function readSpan(request: FastifyRequest): Pick<Narrowing, "after" | "before" | "oldestFirst"> | Fault {
  const given = { begin: queried(request, "begin"), end: queried(request, "end") };
  const begin = given.begin === undefined ? undefined : readTime(given.begin);
  const end = given.end === undefined ? undefined : readTime(given.end);
  if (begin === null || end === null)
    return fault(400, "begin and end must be dates as RFC 2822 has them, or seconds since 1970");
  const ascending = queried(request, "ascending");
  if (begin !== undefined && end !== undefined) {
    const isForward = begin <= end;
    const [after, before] = isForward ? [begin, end] : [end, begin];
    return { after, before, oldestFirst: ascending === undefined ? isForward : ascending === "yes" };
  }
  const oldestFirst = ascending === "yes";
  const only = begin ?? end;
  if (only === undefined) return { oldestFirst };
  return begin !== undefined && oldestFirst ? { after: only, oldestFirst } : { before: only, oldestFirst };
}

/** As our list is asked; what it cannot tell apart is left to `isWanted`. Null: nothing can be found. */
export function filterOf(narrowing: Narrowing, tenant: string, domain: string | undefined): EventFilter | null {
  const { events, severity, recipient, from, tag, messageId, after, before, oldestFirst } = narrowing;
  const to = recipient === undefined ? undefined : parseMailbox(recipient);
  const author = from === undefined ? undefined : parseMailbox(from);
  if (to === null || author === null) return null;
  const wanted = new Set(events ?? WORDS);
  const kinds = Object.keys(HAPPENINGS_OF).filter((kind) =>
    HAPPENINGS_OF[kind]!.some((one) => wanted.has(VENDOR_WORDS.mailgun[one] ?? "") && isSevere(one, severity)),
  );
  if (kinds.length === 0) return null;
  return {
    tenant,
    kinds,
    oldestFirst,
    ...(domain === undefined ? {} : { authorDomain: domain }),
    ...(to ? { recipient: transferable(to).address } : {}),
    ...(author ? { author: transferable(author).address } : {}),
    ...(tag === undefined ? {} : { tag: { name: tag, value: "" } }),
    ...(messageId === undefined ? {} : messagesCalled(messageId)),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  };
}

const isSevere = (happening: Happening, severity: Narrowing["severity"]): boolean =>
  severity === undefined || (VENDOR_WORDS.mailgun[happening] === "failed" && severityOf(happening) === severity);

/** One kind of ours may be several events there: a refusal speaks of the mailbox or of the message. */
export function isWanted({ events, severity }: Narrowing, entry: EventEntry): boolean {
  const happening = happeningOf(entry);
  const word = happening && VENDOR_WORDS.mailgun[happening];
  return Boolean(word && (!events || events.includes(word)) && isSevere(happening!, severity));
}
