import type { FastifyInstance, FastifyRequest } from "fastify";
import { carriersOf } from "../carrier.ts";
import type { LabMessage } from "../inbox.ts";
import { inboxPageHtml, inboxPieces, title } from "../pages/inbox-page.ts";
import { gonePageHtml, messagePageHtml } from "../pages/message-page.ts";
import { insiderPageHtml } from "../pages/insider-page.ts";
import { pressedOf } from "../pages/provider-panel.ts";
import { providersPageHtml } from "../pages/providers-page.ts";
import { FRAME_POLICY, framedHtml } from "../reading/html-body.ts";
import { readMessage } from "../reading/message-reading.ts";
import type { LabState } from "../state.ts";
import { isFromHere } from "./guard.ts";
import { type InboxQuerystring, readInboxQuery } from "../reading/inbox-query.ts";
import type { LiveStreams } from "./live-streams.ts";
import { namedMessage } from "./message-param.ts";
import { MESSAGE_GONE, sendRefusal } from "./problem-reply.ts";

const HTML = "text/html; charset=utf-8";

/** The pages for people: the inbox with the providers beside it, and one message. */
export function pageRoutes(lab: FastifyInstance, state: LabState, streams: LiveStreams): void {
  lab.get<{ Querystring: InboxQuerystring }>("/", async (request, reply) =>
    reply.type(HTML).send(inboxPageHtml(state, readInboxQuery(request.query), originOf(request), await state.alerts())),
  );

  lab.get<{ Querystring: InboxQuerystring }>("/live", async (request) => ({
    title: title(state),
    modes: Object.fromEntries(carriersOf(state).map((carrier) => [carrier.name, pressedOf(carrier)])),
    pieces: inboxPieces(state, readInboxQuery(request.query), originOf(request), await state.alerts()),
  }));

  lab.get("/events", { exposeHeadRoute: false }, async (_request, reply) => {
    if (!streams.hasRoom)
      return sendRefusal(reply, { status: 503, code: "lab-too-many-pages", detail: "Too many pages listen already." });
    const headers = { ...reply.getHeaders(), "content-type": "text/event-stream" };
    reply.hijack();
    reply.raw.writeHead(200, headers as Record<string, string>);
    streams.add(reply.raw);
    return reply;
  });

  lab.get("/providers", async (_request, reply) =>
    reply.type(HTML).send(providersPageHtml(state, await state.alerts())),
  );

  lab.get<{ Params: { name: string } }>("/providers/:name/insider", async (request, reply) => {
    const twin = state.twins.get(request.params.name);
    if (!twin)
      return reply
        .code(404)
        .type(HTML)
        .send(
          gonePageHtml("No vendor's account of this name is here.", {
            href: "/lab/providers",
            name: "To the providers",
          }),
        );
    return reply.type(HTML).send(insiderPageHtml(twin));
  });

  messageRoutes(lab, state);
}

function messageRoutes(lab: FastifyInstance, state: LabState): void {
  const { inbox } = state;
  type Named = { Params: { id: string } };
  const named = (request: FastifyRequest<Named>): LabMessage | undefined => namedMessage(inbox, request.params.id);

  lab.get<Named>("/messages/:id", async (request, reply) => {
    const message = named(request);
    if (!message) return reply.code(404).type(HTML).send(gonePageHtml(MESSAGE_GONE.detail));
    const reading = await readMessage(message.raw);
    // Looked at by a person; another site that merely links here or loads it as a picture marks nothing.
    if (isFromHere(request)) {
      inbox.markSeen(message.id);
      state.changes.changed();
    }
    const provider = state.names.indexOf(message.provider);
    return reply.type(HTML).send(messagePageHtml({ message, reading, provider, ...inbox.neighbours(message.id) }));
  });

  lab.get<Named>("/messages/:id/html", async (request, reply) => {
    const message = named(request);
    if (!message) return sendRefusal(reply, MESSAGE_GONE);
    const { html } = await readMessage(message.raw);
    return reply
      .type(HTML)
      .header("content-security-policy", FRAME_POLICY)
      .send(framedHtml(html ?? ""));
  });

  lab.get<Named>("/messages/:id/raw", async (request, reply) => {
    const message = named(request);
    if (!message) return sendRefusal(reply, MESSAGE_GONE);
    return reply.type("text/plain; charset=utf-8").header("content-security-policy", FRAME_POLICY).send(message.raw);
  });

  lab.get<{ Params: { id: string; number: string } }>("/messages/:id/attachments/:number", async (request, reply) => {
    const message = namedMessage(inbox, request.params.id);
    const part = message && (await readMessage(message.raw)).attachments[Number(request.params.number) - 1];
    if (!part) return sendRefusal(reply, MESSAGE_GONE);
    // A stranger's file: always a download, never of a type that a browser would open here. RFC 6266 §4.3, RFC 8187.
    return reply
      .type("application/octet-stream")
      .header("content-security-policy", FRAME_POLICY)
      .header("content-disposition", `attachment; filename*=UTF-8''${encodeExtended(part.name)}`)
      .send(part.content);
  });
}

const encodeExtended = (name: string): string =>
  encodeURIComponent(name.replace(/[\\/]/g, "_").toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const originOf = ({ protocol, headers }: FastifyRequest): string => `${protocol}://${headers.host ?? "127.0.0.1:8025"}`;
