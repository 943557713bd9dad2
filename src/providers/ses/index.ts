/**
 * Hands messages to Amazon SES by its API v2: the text as it is, to the recipients of the attempt only.
 * 1. One signed call per attempt (request.ts, sigv4.ts).  2. Its answer by the table of outcomes.ts.
 * SES has no log that can be searched, so an attempt whose end is unknown cannot be asked for: the class's own rule says
 * what to do. Its events come by SNS (events.ts), with the attempt's id as a tag.
 * Operator sees: the causes of outcomes (docs/failures.md), docs/providers/ses.md.
 */
import type { ApiProviderSettings } from "../../config/index.ts";
import { Problem } from "../../kernel/index.ts";
import { callerFor } from "../http.ts";
import type { Provider, ProviderParts } from "../provider.ts";
import { SesApi } from "./api.ts";
import { outcomeOf } from "./outcomes.ts";
import { askPosture } from "./posture.ts";
import { RECIPIENTS, SEND_PATH, sendRequest } from "./request.ts";
import type { SigV4Key } from "./sigv4.ts";
import { askStatus } from "./status.ts";

export { receive as receiveSes } from "./events.ts";

/** @throws Problem `provider-misconfigured` for what no call could work with; config/ says it better, and first. */
export function sesProvider(settings: ApiProviderSettings, parts: ProviderParts): Provider {
  const { region } = settings;
  const wrong = whatIsWrong(settings);
  if (wrong !== null || region === null || settings.accessKeyId === null) {
    throw new Problem("provider-misconfigured", `The provider ${settings.name} cannot be used: ${wrong}`);
  }
  const baseUrl = settings.baseUrl ?? baseUrlOf(region);
  const caller = callerFor(settings, baseUrl, parts.clock);
  const place = { region, baseUrl };
  const key: SigV4Key = { accessKeyId: settings.accessKeyId, secretAccessKey: settings.apiKey.reveal() };
  const sender = new SesApi(caller, place, key, parts.clock);
  const reader = new SesApi(caller, place, keyIn(settings.readKey?.reveal()) ?? key, parts.clock);
  return {
    name: settings.name,
    kind: "ses",
    ownerGroup: settings.ownerGroup,
    capabilities: { lookup: false, smtputf8: "no", maxRecipients: RECIPIENTS },
    async handOff(handoff, signal) {
      const { recipients } = handoff.envelope;
      if (recipients.length === 0) return { recipients: [] };
      const made = sendRequest(handoff, settings.channel);
      const outcome =
        made.kind === "cannot"
          ? made.outcome
          : outcomeOf(
              await sender.call(
                { method: "POST", path: SEND_PATH, body: made.body },
                { signal, isOurs: () => handoff.isOurs() },
              ),
            );
      return { recipients: recipients.map(() => outcome) };
    },
    status: () => askStatus(reader),
    posture: () => askPosture(reader),
    close: () => caller.close(),
  };
}

/** "Amazon Simple Email Service endpoints and quotas" (AWS General Reference, seen 2026-11-25). */
export const baseUrlOf = (region: string): string =>
  `https://email.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;

/** A key that may only read is a pair too: `AKIA…:secret`. Ids are letters and digits, secrets hold no colon. */
export function keyIn(text: string | undefined): SigV4Key | null {
  const parts = /^([A-Za-z0-9_]{1,128}):([^\s:]+)$/.exec(text ?? "");
  return parts ? { accessKeyId: parts[1]!, secretAccessKey: parts[2]! } : null;
}

function whatIsWrong({ accessKeyId, readKey, region }: ApiProviderSettings): string | null {
  if (accessKeyId === null || !/^[A-Za-z0-9_]{1,128}$/.test(accessKeyId)) {
    return "it has no accessKeyId that could be one. Set accessKeyId.";
  }
  if (region === null || !/^[a-z]{2,5}(?:-[a-z0-9]+){2,4}$/.test(region)) {
    return "its region is none of AWS, such as eu-central-1. Set region.";
  }
  if (readKey && keyIn(readKey.reveal()) === null) {
    return "its readKey is not of the form id:secret. Set both parts, with a colon between them.";
  }
  return null;
}
