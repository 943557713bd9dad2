import type { FastifyInstance } from "fastify";
import type { LabProvider } from "../lab-provider.ts";
import type { LabTwin } from "../lab-twin.ts";
import { isLabMode, LAB_MODES } from "../modes.ts";
import { readMessage } from "../reading/message-reading.ts";
import { type Summary, summaryOf } from "../reading/summary.ts";
import type { LabState } from "../state.ts";
import type { SwitchRefusal } from "../twins/index.ts";
import { inboxPage, type InboxQuerystring, readInboxQuery } from "../reading/inbox-query.ts";
import { namedMessage } from "./message-param.ts";
import { JSON_EXPECTED, type LabRefusal, MESSAGE_GONE, isJson, providerUnknown, sendRefusal } from "./problem-reply.ts";

/** The inbox and the providers for programs: tests of an application read here what their users would get. */
export function apiRoutes(lab: FastifyInstance, state: LabState): void {
  const { inbox, providers, twins } = state;

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

  lab.get("/api/providers", async () => ({
    providers: state.names.flatMap((name): object[] => {
      const twin = twins.get(name);
      const provider = providers.get(name);
      return twin ? [twinJson(twin)] : provider ? [providerJson(provider)] : [];
    }),
  }));

  type Switching = { Params: { name: string }; Body: { mode?: unknown; variant?: unknown } | null };
  lab.post<Switching>("/providers/:name/mode", async (request, reply) => {
    if (!isJson(request)) return sendRefusal(reply, JSON_EXPECTED);
    const { name } = request.params;
    const { mode, variant } = request.body ?? {};
    const twin = twins.get(name);
    if (twin) {
      const refusal = twin.switchTo(mode, variant);
      return refusal ? sendRefusal(reply, notSwitched(refusal)) : twinJson(twin);
    }
    const provider = providers.get(name);
    if (!provider) return sendRefusal(reply, providerUnknown(state.names));
    if (!isLabMode(mode)) return sendRefusal(reply, notSwitched({ what: "mode", known: LAB_MODES }));
    await provider.switchTo(mode);
    return providerJson(provider);
  });
}

const notSwitched = ({ what, known }: SwitchRefusal): LabRefusal => ({
  status: 400,
  code: what === "mode" ? "lab-mode-unknown" : "lab-variant-unknown",
  detail: known.length === 0 ? "This mode has no variants." : `The field ${what} must be one of: ${known.join(", ")}.`,
});

const asJson = ({ takenAt, ...rest }: Summary) => ({ ...rest, takenAt: new Date(takenAt).toISOString() });

const providerJson = ({ name, address, mode, counters, connectionCount }: LabProvider) => ({
  name,
  kind: "smtp",
  ...address,
  mode,
  connections: connectionCount,
  counters,
});

const twinJson = ({ name, kind, baseUrl, state, figures }: LabTwin) => ({
  name,
  kind,
  url: baseUrl,
  ...state,
  counters: figures,
});
