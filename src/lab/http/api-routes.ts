import type { FastifyInstance } from "fastify";
import type { LabProvider } from "../lab-provider.ts";
import { isLabMode, LAB_MODES } from "../modes.ts";
import { readMessage } from "../reading/message-reading.ts";
import { type Summary, summaryOf } from "../reading/summary.ts";
import type { LabState } from "../state.ts";
import { inboxPage, type InboxQuerystring, readInboxQuery } from "../reading/inbox-query.ts";
import { namedMessage } from "./message-param.ts";
import { MESSAGE_GONE, providerUnknown, sendRefusal } from "./problem-reply.ts";

/** The inbox and the providers for programs: tests of an application read here what their users would get. */
export function apiRoutes(lab: FastifyInstance, state: LabState): void {
  const { inbox, providers } = state;

  lab.get<{ Querystring: InboxQuerystring }>("/api/messages", async (request) => {
    const page = inboxPage(inbox, readInboxQuery(request.query));
    const { messages, unseen, dropped, newestId } = inbox.counts;
    return { messages: page.messages.map(asJson), more: page.more, total: messages, unseen, dropped, newestId };
  });

  lab.get<{ Params: { id: string } }>("/api/messages/:id", async (request, reply) => {
    const message = namedMessage(inbox, request.params.id);
    if (!message) return sendRefusal(reply, MESSAGE_GONE);
    const { attachments, ...reading } = await readMessage(message.raw);
    return {
      ...asJson(summaryOf(message)),
      envelope: message.envelope,
      ...reading,
      attachments: attachments.map(({ name, type, sizeBytes }) => ({ name, type, sizeBytes })),
    };
  });

  lab.delete("/api/messages", async (_request, reply) => {
    inbox.clear();
    state.changes.changed();
    return reply.code(204).send();
  });

  lab.get("/api/providers", async () => ({ providers: [...providers.values()].map(providerJson) }));

  lab.post<{ Params: { name: string }; Body: unknown }>("/providers/:name/mode", async (request, reply) => {
    if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
      return sendRefusal(reply, {
        status: 415,
        code: "lab-json-expected",
        detail: 'Send JSON, with Content-Type: application/json: {"mode":"suspended"}.',
      });
    const provider = providers.get(request.params.name);
    if (!provider) return sendRefusal(reply, providerUnknown(providers.keys()));
    const mode = (request.body as { mode?: unknown } | null)?.mode;
    if (!isLabMode(mode))
      return sendRefusal(reply, {
        status: 400,
        code: "lab-mode-unknown",
        detail: `The field mode must be one of: ${LAB_MODES.join(", ")}.`,
      });
    await provider.switchTo(mode);
    return providerJson(provider);
  });
}

const asJson = ({ takenAt, ...rest }: Summary) => ({ ...rest, takenAt: new Date(takenAt).toISOString() });

const providerJson = ({ name, address, mode, counters, connectionCount }: LabProvider) => ({
  name,
  ...address,
  mode,
  connections: connectionCount,
  counters,
});
