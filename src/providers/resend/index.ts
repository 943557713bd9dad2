/**
 * Hands messages to Resend by its API.
 * 1. The message taken apart into the fields it takes; what those cannot hold is refused by name (request.ts).
 * 2. One call with the attempt as Idempotency-Key.  3. Its answer by status and name (outcomes.ts).
 * 4. What stays unclear is looked for among its messages by our tags (activity.ts).
 * Operator sees: the causes of outcomes (docs/failures.md), docs/providers/resend.md.
 */
import type { ApiProviderSettings } from "../../config/index.ts";
import { callerFor } from "../http.ts";
import type { Handoff, HandoffResult, Provider, ProviderParts } from "../provider.ts";
import { UnclearAttempts } from "../unclear-attempts.ts";
import { askActivity, lookUp } from "./activity.ts";
import { outcomeOf } from "./outcomes.ts";
import { askPosture } from "./posture.ts";
import { authorization, Questions } from "./questions.ts";
import { RECIPIENTS, sendRequest } from "./request.ts";
import { askStatus } from "./status.ts";

export const BASE_URL = "https://api.resend.com";

/** @throws Problem `provider-misconfigured` for what no call could work with; config/ says it better, and first. */
export function resendProvider(settings: ApiProviderSettings, parts: ProviderParts): Provider {
  const caller = callerFor(settings, BASE_URL, parts.clock);
  const questions = new Questions(caller, (settings.readKey ?? settings.apiKey).reveal());
  const unclear = new UnclearAttempts(parts.clock.now());

  async function handOff(handoff: Handoff, signal: AbortSignal): Promise<HandoffResult> {
    const { recipients } = handoff.envelope;
    if (recipients.length === 0) return { recipients: [] };
    const calledAt = parts.clock.now();
    const request = await sendRequest(handoff);
    if (request.kind === "cannot") return { recipients: recipients.map(() => request.outcome) };
    const answer = await caller.call({
      method: "POST",
      path: "/emails",
      headers: {
        authorization: authorization(settings.apiKey.reveal()),
        "content-type": "application/json",
        "idempotency-key": handoff.attemptId,
      },
      body: request.body,
      signal,
      isOurs: () => handoff.isOurs(),
    });
    const outcome = outcomeOf(answer);
    if (outcome.kind === "indeterminate") unclear.add(handoff.attemptId, calledAt, recipients[0]!.mailbox.address);
    return { recipients: recipients.map(() => outcome) };
  }

  return {
    name: settings.name,
    kind: "resend",
    ownerGroup: settings.ownerGroup,
    capabilities: { lookup: true, smtputf8: "no", maxRecipients: RECIPIENTS },
    handOff,
    lookup: (attemptId) => lookUp(attemptId, questions, unclear, parts.clock),
    status: () => askStatus(questions, settings.domain),
    posture: () => askPosture(questions),
    activity: (query) => askActivity(query, questions),
    close: () => caller.close(),
  };
}
