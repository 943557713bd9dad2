/**
 * Hands messages to Mailchimp Transactional (Mandrill) as raw MIME.
 * 1. Orders of the message's own are taken out, ours put in (request.ts).  2. One messages/send-raw per attempt.
 * 3. What it says of each recipient is an Outcome (outcomes.ts).
 * Invariant: HTTP 200 is never enough for `accepted`; this provider answers 200 for mail it will not send.
 * Operator sees: the causes of outcomes (docs/failures.md), docs/providers/mandrill.md.
 */
import type { ApiProviderSettings } from "../../config/index.ts";
import { Problem } from "../../kernel/index.ts";
import type { Outcome } from "../../mail/index.ts";
import { callerFor } from "../http.ts";
import type { Provider, ProviderParts } from "../provider.ts";
import { activityOf, lookUp, searcherOf } from "./activity.ts";
import { askerOf, callTo, OWN_BASE_URL } from "./api.ts";
import { outcomesOf } from "./outcomes.ts";
import { postureOf } from "./posture.ts";
import { RECIPIENTS, sendRequest } from "./request.ts";
import { accountStatus } from "./status.ts";

/** It stands in a header field of ours (subaccounts/add: at most 255 characters). */
const SUBACCOUNT = /^[!-~](?:[ -~]{0,253}[!-~])?$/;
/** They go out in the next try, which has an id of its own: of one attempt there is one call to look up. */
const LATER: Outcome = { kind: "deferred", scope: "recipient", cause: "too-many-recipients" };

/** @throws Problem `provider-misconfigured` for what no call could work with; config/ says it better, and first. */
export function mandrillProvider(settings: ApiProviderSettings, parts: ProviderParts): Provider {
  const { name, ownerGroup, channel } = settings;
  if (channel !== null && !SUBACCOUNT.test(channel)) {
    throw new Problem(
      "provider-misconfigured",
      `The provider ${name} cannot be used: its channel is no subaccount id.`,
    );
  }
  const caller = callerFor(settings, OWN_BASE_URL, parts.clock);
  const ask = askerOf(caller, (settings.readKey ?? settings.apiKey).reveal());
  const search = searcherOf(ask, parts.clock);
  return {
    name,
    kind: "mandrill",
    ownerGroup,
    capabilities: { lookup: true, smtputf8: "no", maxRecipients: RECIPIENTS },
    async handOff(handoff, signal) {
      const addresses = handoff.envelope.recipients.map(({ mailbox }) => mailbox.address);
      if (addresses.length === 0) return { recipients: [] };
      const request = sendRequest(handoff, settings.apiKey.reveal(), channel);
      if (request.kind === "cannot") return { recipients: addresses.map(() => request.outcome) };
      const call = { ...callTo("messages/send-raw", request.body), signal, isOurs: handoff.isOurs };
      const outcomes = outcomesOf(await caller.call(call), request.addresses);
      return { recipients: addresses.map((_, n) => outcomes[n] ?? LATER) };
    },
    lookup: (attemptId) => lookUp(ask, search, attemptId),
    status: () => accountStatus(ask, channel),
    posture: () => postureOf(ask),
    activity: (query) => activityOf(search, query),
    close: () => caller.close(),
  };
}
