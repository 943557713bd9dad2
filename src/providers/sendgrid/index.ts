/**
 * Hands messages to Twilio SendGrid over its v3 Web API.
 * 1. The message is taken apart and written as SendGrid's fields (request.ts); what cannot be said so is refused by name.
 * 2. One call per message, our ids along as custom arguments.  3. The answer becomes one Outcome per recipient (outcomes.ts).
 * Invariant: a 202 is believed only with its X-Message-Id; the rest is for the events (events.ts) and the log (activity.ts).
 * Operator sees: the causes of outcomes (docs/failures.md), docs/providers/sendgrid.md.
 */
import type { ApiProviderSettings } from "../../config/index.ts";
import { callerFor } from "../http.ts";
import type { Provider, ProviderParts } from "../provider.ts";
import { activityIn } from "./activity.ts";
import { askWith, authorization } from "./ask.ts";
import { lookupIn } from "./lookup.ts";
import { outcomesOf } from "./outcomes.ts";
import { postureIn } from "./posture.ts";
import { RECIPIENTS, SEND_PATH, sendRequest } from "./request.ts";
import { statusIn } from "./status.ts";

export { receive as receiveSendgrid } from "./events.ts";

/** Accounts in the European Union have https://api.eu.sendgrid.com: set as baseUrl. */
export const BASE_URL = "https://api.sendgrid.com";

export function sendgridProvider(settings: ApiProviderSettings, { clock }: ProviderParts): Provider {
  const http = callerFor(settings, BASE_URL, clock);
  const askAsSender = askWith(http, settings.apiKey);
  const askAsReader = askWith(http, settings.readKey ?? settings.apiKey);
  const { note, lookup } = lookupIn(askAsReader, clock);
  return {
    name: settings.name,
    kind: "sendgrid",
    ownerGroup: settings.ownerGroup,
    capabilities: { lookup: true, smtputf8: "no", maxRecipients: RECIPIENTS },
    async handOff(handoff, signal) {
      const made = await sendRequest(handoff);
      if (made.kind === "cannot") return { recipients: handoff.envelope.recipients.map(() => made.outcome) };
      const answer = await http.call({
        method: "POST",
        path: SEND_PATH,
        headers: { ...authorization(settings.apiKey), "content-type": "application/json" },
        body: made.body,
        signal,
        isOurs: handoff.isOurs,
      });
      const result = { recipients: outcomesOf(answer, made.placeOf) };
      note(handoff, result);
      return result;
    },
    lookup,
    status: () => statusIn(askAsSender, askAsReader),
    posture: () => postureIn(askAsReader),
    activity: (query) => activityIn(askAsReader, query, clock.now()),
    close: () => http.close(),
  };
}
