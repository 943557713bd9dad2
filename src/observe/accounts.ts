import type { ProviderSettings } from "../config/index.ts";
import { DAY_MS, type Random } from "../kernel/index.ts";
import type { NoticeKind, WebhookSecrets } from "../providers/index.ts";

/** A configured provider whose notices are taken. */
export type Account = {
  name: string;
  /** In whose words they are. */
  kind: NoticeKind;
  secrets: WebhookSecrets;
  /** Where it calls, as it was typed in there, without a login; null: as the request says. */
  url: string | null;
  /** How long its notices are known again. */
  rememberedMs: number;
};

export const NOTICES_PATH = "/v1/notices";

/**
 * Where nothing that is signed has a time a recording is as good as new for ever: a week, so that it can at least do nothing
 * twice within it. The others are believed for 65 minutes at most, and kept for a day.
 */
const WITH_A_TIME: ReadonlySet<NoticeKind> = new Set<NoticeKind>(["sendgrid", "mailgun", "resend", "ses"]);
const rememberedMs = (kind: NoticeKind): number => (WITH_A_TIME.has(kind) ? DAY_MS : 7 * DAY_MS);

export function accountsOf(providers: readonly ProviderSettings[], publicUrl: string | null): Map<string, Account> {
  const accounts = new Map<string, Account>();
  for (const provider of providers) {
    if (!("webhook" in provider) || !provider.webhook) continue;
    const { name, webhook } = provider;
    const kind = provider.kind === "smtp" ? provider.vendor : provider.kind;
    // config/ refuses one without.
    if (kind === undefined) continue;
    accounts.set(name, {
      name,
      kind,
      secrets: {
        key: webhook.key?.reveal() ?? null,
        basic: webhook.basic?.reveal() ?? null,
        topicArn: webhook.topicArn,
      },
      url: webhook.url === null ? publicUrl && `${publicUrl}${NOTICES_PATH}/${name}` : withoutLogin(webhook.url),
      rememberedMs: rememberedMs(kind),
    });
  }
  return accounts;
}

/** Stands in for a provider that does not exist: its secret is nobody's, and checking it takes as long. */
export const nobody = (random: Random): Account => ({
  name: "unknown",
  kind: "resend",
  secrets: { key: `whsec_${random.bytes(32).toString("base64")}`, basic: null, topicArn: null },
  url: null,
  rememberedMs: 0,
});

/** It travels in a header field of its own. */
function withoutLogin(address: string): string {
  return address.replace(/^(https?:\/\/)[^/@]*@/i, "$1");
}
