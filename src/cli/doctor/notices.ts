import type { ProviderSettings, Settings } from "../../config/index.ts";
import type { NoticeKind } from "../../providers/index.ts";
import { type Check, ok, warning } from "./check.ts";

/** What each kind's notices cannot be proven without. */
const NEEDS: Readonly<Record<NoticeKind, "key" | "basic" | "topicArn">> = {
  mailgun: "key",
  mandrill: "key",
  postmark: "basic",
  resend: "key",
  sendgrid: "key",
  ses: "topicArn",
  brevo: "basic",
  mailersend: "key",
  mailjet: "basic",
  mailtrap: "basic",
  postal: "key",
  sparkpost: "basic",
  "unisender-go": "key",
};

/** Of SMTP only where a webhook is configured: not every relay has notices. */
function kindOf(provider: ProviderSettings): NoticeKind | null {
  if (provider.kind === "direct-mx") return null;
  if (provider.kind !== "smtp") return provider.kind;
  return provider.webhook ? (provider.vendor ?? null) : null;
}

/** Whether providers can tell what became of mail. Without it a message stays "handed off" for good. */
export function checkNotices({ providers, listen, lab }: Settings): Check[] {
  if (lab) return [];
  return providers.flatMap((provider): Check[] => {
    const kind = kindOf(provider);
    return kind === null || !("webhook" in provider) ? [] : [checkOne(provider, kind, listen.publicUrl)];
  });
}

type Told = Extract<ProviderSettings, { webhook?: unknown }>;
function checkOne(provider: Told, kind: NoticeKind, publicUrl: string | null): Check {
  const name = `notices of ${provider.name}`;
  const { webhook } = provider;
  if (!webhook) {
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
      `Set it to what ${kind} shows for the webhook (docs/webhooks.md).`,
    );
  }
  if (kind === "mandrill" && webhook.url === null && publicUrl === null) {
    return warning(
      name,
      "Mandrill signs the address that it calls, and behind a proxy Postern does not know it.",
      "Set listen.publicUrl, or webhook.url to the address as it was typed in there.",
    );
  }
  return ok(
    name,
    `Taken at ${webhook.url === null ? `${publicUrl ?? ""}/v1/notices/${provider.name}` : "webhook.url"}.`,
  );
}
