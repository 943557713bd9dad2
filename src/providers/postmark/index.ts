/**
 * Hands messages to Postmark by its Email API, which takes fields: a message is taken apart, and one that its fields cannot
 * express is refused by name, so that another provider may carry it.
 * 1. One call per attempt (request.ts).  2. Its answer by the table of outcomes.ts: numbers in the body, not the status.
 * 3. What stays unclear is looked for in its log by our attempt id (activity.ts).
 * Operator sees: the causes of outcomes (docs/failures.md), docs/providers/postmark.md.
 */
import type { ApiProviderSettings } from "../../config/index.ts";
import { callerFor } from "../http.ts";
import type { Handoff, HandoffResult, Provider, ProviderParts } from "../provider.ts";
import { activityOf, lookUp, YoungAttempts } from "./activity.ts";
import { outcomesOf } from "./outcomes.ts";
import { postureOf } from "./posture.ts";
import { Questions } from "./questions.ts";
import { RECIPIENTS, requestOf } from "./request.ts";
import { statusOf } from "./status.ts";

export { receive as receivePostmark } from "./events.ts";

export const OWN_BASE_URL = "https://api.postmarkapp.com";
/** The stream every server has from its beginning. */
const OWN_STREAM = "outbound";

/** @throws Problem `provider-misconfigured` for what no call could work with; config/ says it better, and first. */
export function postmarkProvider(settings: ApiProviderSettings, { clock }: ProviderParts): Provider {
  const stream = settings.channel ?? OWN_STREAM;
  const caller = callerFor(settings, OWN_BASE_URL, clock);
  const token = settings.apiKey.reveal();
  const questions = new Questions(caller, { server: token, account: settings.readKey?.reveal() ?? null });
  const young = new YoungAttempts(clock);

  async function handOff(handoff: Handoff, signal: AbortSignal): Promise<HandoffResult> {
    const { recipients, needsSmtputf8 } = handoff.envelope;
    const all = <One>(one: One): One[] => recipients.map(() => one);
    if (recipients.length === 0) return { recipients: [] };
    if (signal.aborted) return { recipients: all({ kind: "deferred", scope: "message", cause: "aborted" }) };
    if (needsSmtputf8) {
      return { recipients: all({ kind: "rejected", scope: "account", cause: "smtputf8-not-supported" }) };
    }
    const request = await requestOf(handoff, token, stream);
    if ("kind" in request) return { recipients: all(request) };
    const answer = await caller.call({ ...request, signal });
    const outcomes = outcomesOf(
      answer,
      recipients.map(({ mailbox }) => mailbox.address),
    );
    if (outcomes.some(({ kind }) => kind === "indeterminate")) young.add(handoff.attemptId);
    return { recipients: outcomes };
  }

  return {
    name: settings.name,
    kind: "postmark",
    ownerGroup: settings.ownerGroup,
    capabilities: { lookup: true, smtputf8: "no", maxRecipients: RECIPIENTS },
    handOff,
    lookup: (attemptId) => lookUp(questions, stream, attemptId, young),
    status: () => statusOf(questions, stream, clock),
    posture: () => postureOf(questions),
    activity: (query) => activityOf(questions, stream, query),
    close: () => caller.close(),
  };
}
