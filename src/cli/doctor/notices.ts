import type { ApiKind, ApiProviderSettings, Settings } from "../../config/index.ts";
import { type Check, ok, warning } from "./check.ts";

/** What each kind's notices cannot be proven without. */
const NEEDS: Readonly<Record<ApiKind, "key" | "basic" | "topicArn">> = {
  mailgun: "key",
  mandrill: "key",
  postmark: "basic",
  resend: "key",
  sendgrid: "key",
  ses: "topicArn",
};

/** Whether providers can tell what became of mail. Without it a message stays "handed off" for good. */
export function checkNotices({ providers, listen, lab }: Settings): Check[] {
  if (lab) return [];
  const api = providers.filter((one): one is ApiProviderSettings => "webhook" in one);
  return api.map((provider): Check => {
    const name = `notices of ${provider.name}`;
    const { webhook, kind } = provider;
    if (webhook === null) {
      return warning(
        name,
        "It has no webhook: whether its mail arrives is never known.",
        `Point its webhook at /v1/notices/${provider.name} and set providers[].webhook (docs/webhooks.md).`,
      );
    }
    // SendGrid's may do with a password alone.
    const isProvable = webhook[NEEDS[kind]] !== null || (kind === "sendgrid" && webhook.basic !== null);
    if (!isProvable) {
      return warning(
        name,
        `webhook.${NEEDS[kind]} is not set, and no notice is believed without it.`,
        `Set it to what ${kind} shows for the webhook (docs/providers/${kind}.md).`,
      );
    }
    if (kind === "mandrill" && webhook.url === null && listen.publicUrl === null) {
      return warning(
        name,
        "Mandrill signs the address that it calls, and behind a proxy Postern does not know it.",
        "Set listen.publicUrl, or webhook.url to the address as it was typed in there.",
      );
    }
    return ok(
      name,
      `Taken at ${webhook.url === null ? `${listen.publicUrl ?? ""}/v1/notices/${provider.name}` : "webhook.url"}.`,
    );
  });
}
