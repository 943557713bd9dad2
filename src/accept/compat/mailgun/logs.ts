import { DAY_MS } from "../../../kernel/index.ts";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { CompatParts } from "../compat.ts";
import { tagName } from "../tags.ts";
import { NO_DOMAIN, type Fault, fault, isFault, mailgunScope, notSupported, send } from "./dialect.ts";
import { type EventsPage, findPage, readToken, tokenOf } from "./event-pages.ts";
import { type Narrowing, narrowingShape } from "./event-query.ts";
import { eventThere } from "./event-there.ts";
import { sentJson } from "./form-of.ts";
import { readDate } from "./instant.ts";

/** "The maximum number of items returned (100 max)." */
const MOST = 100;

const queryShape = z.looseObject({
  start: z.string().nullish(),
  end: z.string().nullish(),
  events: z.array(z.string()).max(20).nullish(),
  metric_events: z.array(z.string()).nullish(),
  include_totals: z.boolean().nullish(),
  filter: z
    .object({
      AND: z
        .array(
          z.object({
            attribute: z.string(),
            comparator: z.string(),
            values: z.array(z.looseObject({ value: z.string() })).min(1),
          }),
        )
        .max(10),
    })
    .nullish(),
  pagination: z
    .looseObject({ sort: z.string().nullish(), token: z.string().nullish(), limit: z.int().min(1).max(MOST).nullish() })
    .nullish(),
});
type Query = z.infer<typeof queryShape>;
type LogsPage = { page: EventsPage; domain: string | undefined; start: number; end: number };

/** POST /v1/analytics/logs: the events of all domains ("Logs", documentation.mailgun.com, seen 2026-11-25). */
export function logRoutes(server: FastifyInstance, parts: CompatParts): void {
  mailgunScope(server, parts, "/v1/analytics/logs", (scope, whoOf) => {
    scope.post("/", async (request, reply) => {
      const { tenant } = whoOf(request);
      const given = queryShape.safeParse(sentJson(request) ?? {});
      if (!given.success) return send(reply, fault(400, `Bad ${given.error.issues[0]!.path.map(String).join(".")}`));
      const asked = readQuery(given.data, parts.clock.now());
      if (isFault(asked)) return send(reply, asked);
      const { page, domain, start, end } = asked;
      if (domain !== undefined && !parts.tenants.find(tenant)?.owns(domain)) return send(reply, NO_DOMAIN);
      const { entries, around } = await findPage(page, tenant, domain, parts);
      const items = entries.map((entry) => {
        const { timestamp, ...event } = eventThere(entry);
        return { ...event, "@timestamp": new Date(timestamp * 1_000).toISOString(), account: { id: tenant } };
      });
      const pagination = Object.fromEntries(Object.entries(around).map(([name, one]) => [name, tokenOf(one)]));
      return send(reply, { start: dateThere(start), end: dateThere(end), items, pagination });
    });
  });
}

const dateThere = (ms: number): string => new Date(ms).toUTCString().replace("GMT", "-0000");

function readQuery(
  { start, end, events, metric_events, include_totals, filter, pagination }: Query,
  now: number,
): LogsPage | Fault {
  if (include_totals) return notSupported("include_totals");
  if (metric_events?.length) return notSupported("metric_events");
  const from = start ? readDate(start) : now - DAY_MS;
  const to = end ? readDate(end) : now;
  if (from === null || to === null) return fault(400, "start and end must be dates as RFC 2822 has them");
  const sort = pagination?.sort ?? "timestamp:desc";
  if (!/^timestamp:(?:asc|desc)$/.test(sort)) return notSupported(`Sorting by ${sort.slice(0, 40)}`);
  const narrowed = readFilter(filter?.AND ?? []);
  if (isFault(narrowed)) return narrowed;
  const list = narrowingShape.safeParse({
    ...narrowed.list,
    ...(events?.length ? { events: events.map((one) => one.toLowerCase()) } : {}),
    after: from,
    before: to,
    oldestFirst: sort === "timestamp:asc",
  });
  if (!list.success) return fault(400, `Bad ${list.error.issues[0]!.path.map(String).join(".")}`);
  const { domain } = narrowed;
  const token = pagination?.token;
  const limit = pagination?.limit ?? MOST;
  if (!token) return { page: { list: list.data, limit }, domain, start: from, end: to };
  const page = readToken(token);
  return page
    ? { page: { ...page, limit: Math.min(page.limit, MOST) }, domain, start: from, end: to }
    : fault(400, "Invalid token");
}

/** Attributes that can be asked for, each for one value. */
const ATTRIBUTES: Readonly<Record<string, keyof Narrowing>> = {
  recipient: "recipient",
  from: "from",
  tag: "tag",
  message_id: "messageId",
  "message-id": "messageId",
  severity: "severity",
};

function readFilter(
  conditions: NonNullable<Query["filter"]>["AND"],
): { list: Partial<Record<keyof Narrowing, string>>; domain: string | undefined } | Fault {
  const list: Partial<Record<keyof Narrowing, string>> = {};
  let domain: string | undefined;
  for (const { attribute, comparator, values } of conditions) {
    const name = Object.hasOwn(ATTRIBUTES, attribute) ? ATTRIBUTES[attribute]! : null;
    const [{ value }, ...others] = values as [{ value: string }, ...unknown[]];
    if (comparator !== "=" || others.length > 0) return notSupported("A filter that is not `=` one value");
    if (attribute === "domain") domain = value.toLowerCase();
    else if (name === null) return notSupported(`Filtering logs by ${attribute.slice(0, 40)}`);
    else list[name] = name === "tag" ? tagName(value) : value;
  }
  return { list, domain };
}
