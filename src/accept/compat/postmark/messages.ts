import type { FastifyInstance } from "fastify";
import { type SpoolId, isUuid } from "../../../kernel/index.ts";
import type { EventEntry, EventFilter, MessageFilter, MessageSummary } from "../../../spool/index.ts";
import type { CompatParts } from "../compat.ts";
import { inTurn } from "../in-turn.ts";
import { bounceId, metadataOf, tagOf } from "./bounce.ts";
import { CODE, fault, give, instant, isFault, notSupported, postmarkScope, refuse } from "./dialect.ts";
import { MOST, pageOf, timeOf, untilOf } from "./page.ts";

const NOT_FOUND = fault(404, CODE.notFound, "This message was not found.");
/** Of our labels one may be asked for at once; `metadata_NAME` names it with its value. */
const METADATA = /^metadata_(.{1,64})$/;

/** postmarkapp.com/developer/api/messages-api (seen 2026-11-25). */
export function messageRoutes(server: FastifyInstance, parts: CompatParts): void {
  const { stories } = parts;
  const found = async (tenant: string, id: string) => (isUuid(id) ? stories.find(tenant, id as SpoolId) : null);

  postmarkScope(server, parts, "/messages/outbound", (scope, whoOf) => {
    scope.get("/", async (request, reply) => {
      const page = pageOf(request.query);
      if (isFault(page)) return refuse(reply, page);
      const query = request.query as Record<string, string | undefined>;
      if (query["subject"]) return refuse(reply, notSupported("Searching subjects, which are not kept,"));
      const { tenant } = whoOf(request);
      const filter = filterOf(tenant, query);
      if (!filter) return refuse(reply, fault(422, CODE.parameter, "A filter cannot be read."));
      const { messages } = await inTurn(tenant, () => stories.list(filter, page.offset + page.count, null));
      const isAll = messages.length < page.offset + page.count;
      const total = isAll ? messages.length : await stories.count(filter, MOST);
      return reply.send({ TotalCount: total, Messages: messages.slice(page.offset).map(messageThere) });
    });
    for (const [path, kind, name] of [
      ["/opens", "message.opened", "Opens"],
      ["/clicks", "message.clicked", "Clicks"],
    ] as const) {
      const list = async (tenant: string, more: Partial<EventFilter>, query: unknown): Promise<object> => {
        const page = pageOf(query);
        if (isFault(page)) return page;
        const { recipient, tag } = query as Record<string, string | undefined>;
        const filter: EventFilter = {
          tenant,
          kinds: [kind],
          ...more,
          ...(recipient ? { recipient } : {}),
          ...(tag ? { tag: { name: tag } } : {}),
        };
        const { events } = await inTurn(tenant, () => stories.events(filter, MOST, null));
        return {
          TotalCount: events.length,
          [name]: events.slice(page.offset, page.offset + page.count).map(trackThere),
        };
      };
      scope.get(path, async (request, reply) => give(reply, await list(whoOf(request).tenant, {}, request.query)));
      scope.get(`${path}/:id`, async (request, reply) => {
        const { id } = request.params as { id: string };
        const { tenant } = whoOf(request);
        const story = await found(tenant, id);
        return give(reply, story ? await list(tenant, { spoolId: story.spoolId }, request.query) : NOT_FOUND);
      });
    }
    scope.get("/:id/details", async (request, reply) => {
      const { tenant } = whoOf(request);
      const story = await found(tenant, (request.params as { id: string }).id);
      if (!story) return refuse(reply, NOT_FOUND);
      const { events } = await stories.events({ tenant, spoolId: story.spoolId, oldestFirst: true }, 500, null);
      return reply.send({
        ...messageThere(story),
        TextBody: "",
        HtmlBody: "",
        Body: "",
        MessageEvents: events.flatMap(eventThere),
      });
    });
    scope.get("/:id/dump", (_request, reply) => refuse(reply, notSupported("Reading a message back")));
  });
  postmarkScope(server, parts, "/messages/inbound", (scope) => {
    scope.all("/", (_request, reply) => refuse(reply, notSupported("Receiving mail")));
    scope.all("/*", (_request, reply) => refuse(reply, notSupported("Receiving mail")));
  });
}

function filterOf(tenant: string, query: Record<string, string | undefined>): MessageFilter | null {
  const [after, before] = [timeOf(query["fromDate"] ?? query["fromdate"]), untilOf(query["toDate"] ?? query["todate"])];
  if (after === null || before === null) return null;
  const { recipient, tag } = query;
  const author = query["fromEmail"] ?? query["fromemail"];
  const stream = query["messageStream"] ?? query["messagestream"];
  const metadata = Object.entries(query).find(([name]) => METADATA.test(name));
  return {
    tenant,
    ...(query["status"] === "queued" ? { state: "queued" as const } : {}),
    ...(query["status"] === "sent" || query["status"] === "processed" ? { state: "ended" as const } : {}),
    ...(recipient ? { recipient } : {}),
    ...(author ? { author } : {}),
    ...(stream && stream !== "outbound" ? { stream } : {}),
    ...(tag ? { tag: { name: tag } } : {}),
    ...(metadata ? { tag: { name: METADATA.exec(metadata[0])![1]!, value: metadata[1] ?? "" } } : {}),
    ...(after === undefined ? {} : { acceptedAfter: after }),
    ...(before === undefined ? {} : { acceptedBefore: before }),
  };
}

const isOut = ({ state }: { state: string }): boolean => state === "handed-off" || state === "delivered";

/** Subject and bodies are not kept: they may hold a secret. Who was copied is not told apart from who was written to. */
const messageThere = (story: MessageSummary): object => ({
  Tag: tagOf(story.tags),
  MessageID: story.spoolId,
  MessageStream: story.stream,
  To: story.recipients.map((one) => ({ Email: one.address, Name: null })),
  Cc: [],
  Bcc: [],
  Recipients: story.recipients.map((one) => one.address),
  ReceivedAt: instant(story.acceptedAt),
  From: story.author,
  Subject: "",
  Attachments: [],
  Status: story.recipients.every(isOut) ? "Sent" : story.state === "ended" ? "Processed" : "Queued",
  TrackOpens: false,
  TrackLinks: "None",
  Metadata: metadataOf(story.tags),
  Sandboxed: false,
});

const server = (response: string | null) => ({
  DeliveryMessage: response ?? "",
  DestinationServer: "",
  DestinationIP: "",
});
/** Their words for what happened; what they have none for is not told. */
function eventThere(event: EventEntry): object[] {
  const told = (Type: string, Details: object) => [
    { Recipient: event.recipient ?? "", Type, ReceivedAt: instant(event.at), Details },
  ];
  switch (event.kind) {
    case "message.delivered":
      return told("Delivered", server(event.response));
    case "message.deferred":
    case "message.delayed":
      return told("Transient", server(event.response));
    case "message.bounced":
    case "message.rejected":
    case "message.complained":
      return told("Bounced", { Summary: event.response ?? event.reason ?? "", BounceID: bounceId(event) });
    case "message.opened":
      return told("Opened", { Summary: "" });
    case "message.clicked":
      return told("LinkClicked", { Summary: "", Link: event.detail["url"] ?? "", ClickLocation: "HTML" });
    case "message.unsubscribed":
      return told("SubscriptionChanged", { Origin: "Recipient", SuppressSending: true });
    default:
      return [];
  }
}

const nobody = { Name: "", Company: "", Family: "" };
const trackThere = (event: EventEntry): object => ({
  RecordType: event.kind === "message.opened" ? "Open" : "Click",
  Client: nobody,
  OS: nobody,
  Platform: "Unknown",
  UserAgent: "",
  ...(event.kind === "message.clicked" ? { OriginalLink: event.detail["url"] ?? "", ClickLocation: "HTML" } : {}),
  Geo: {},
  MessageID: event.spoolId,
  MessageStream: event.message.stream,
  ReceivedAt: instant(event.at),
  Tag: tagOf(event.message.tags),
  Recipient: event.recipient ?? "",
});
