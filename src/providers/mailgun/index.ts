/**
 * Hands messages to Mailgun by its API: the text as it is (messages.mime), to the recipients of the attempt only.
 * 1. One call per attempt (request.ts).  2. Its answer by the table of outcomes.ts: a 5xx is no "no" with this provider.
 * 3. What stays unclear is looked for in its log (activity.ts).
 * Operator sees: the causes of outcomes (docs/failures.md), docs/providers/mailgun.md.
 */
import type { ApiProviderSettings } from "../../config/index.ts";
import { Problem } from "../../kernel/index.ts";
import { callerFor } from "../http.ts";
import type { HandoffResult, Handoff, Provider, ProviderParts } from "../provider.ts";
import { askActivity, lookUp } from "./activity.ts";
import { outcomeOf } from "./outcomes.ts";
import { askPosture } from "./posture.ts";
import { Questions } from "./questions.ts";
import { obstacleIn, requestOf } from "./request.ts";
import { askStatus } from "./status.ts";
import { UnclearAttempts } from "../unclear-attempts.ts";

/** "Base URL", Mailgun API overview, seen 2026-11-24. */
export const BASE_URLS: Readonly<Record<string, string>> = {
  us: "https://api.mailgun.net",
  eu: "https://api.eu.mailgun.net",
};
/** "Batch Sending": the most recipients of one call. */
const RECIPIENTS = 1000;

/** @throws Problem `provider-misconfigured` for what no call could work with; config/ says it better, and first. */
export function mailgunProvider(settings: ApiProviderSettings, parts: ProviderParts): Provider {
  const { name, domain } = settings;
  const baseUrl = BASE_URLS[settings.region ?? "us"];
  if (domain === null || baseUrl === undefined) {
    const what = domain === null ? "it has no domain. Set domain." : "its region is neither us nor eu. Correct region.";
    throw new Problem("provider-misconfigured", `The provider ${name} cannot be used: ${what}`);
  }
  const caller = callerFor(settings, baseUrl, parts.clock);
  const questions = new Questions(caller, domain, (settings.readKey ?? settings.apiKey).reveal());
  const unclear = new UnclearAttempts(parts.clock.now());

  async function handOff(handoff: Handoff, signal: AbortSignal): Promise<HandoffResult> {
    const { recipients } = handoff.envelope;
    if (recipients.length === 0) return { recipients: [] };
    const calledAt = parts.clock.now();
    const obstacle = obstacleIn(handoff);
    const outcome =
      obstacle ?? outcomeOf(await caller.call({ ...requestOf(handoff, domain!, settings.apiKey.reveal()), signal }));
    if (outcome.kind === "indeterminate") {
      unclear.add(handoff.attemptId, calledAt, recipients[0]!.mailbox.address);
    }
    return { recipients: recipients.map(() => outcome) };
  }

  return {
    name,
    kind: "mailgun",
    ownerGroup: settings.ownerGroup,
    capabilities: { lookup: true, smtputf8: "no", maxRecipients: RECIPIENTS },
    handOff,
    lookup: (attemptId) => lookUp(attemptId, questions, unclear, parts.clock),
    status: () => askStatus(questions),
    posture: () => askPosture(questions),
    activity: (query) => askActivity(query, questions, parts.clock),
    close: () => caller.close(),
  };
}
