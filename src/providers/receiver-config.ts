import type { WebhookSecrets } from "./events.ts";

/**
 * Settings that hold the secret of notices, as other receivers name them (django-anymail's settings, with or without its
 * prefix), in the order in which they are asked. Recorded requests carry them as `receiver_config`.
 */
const KEY_NAMES = [
  "MAILGUN_WEBHOOK_SIGNING_KEY",
  "MAILGUN_API_KEY", // good for notices, too, where no signing key is set
  "RESEND_SIGNING_SECRET",
  "RESEND_TRACKING_WEBHOOK_SECRET",
  "MANDRILL_WEBHOOK_KEY",
  "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
  "MAILERSEND_SIGNING_SECRET",
  "MAILERSEND_INBOUND_SECRET",
  "POSTAL_WEBHOOK_KEY",
  "UNISENDER_GO_API_KEY",
] as const;
const BASIC_NAME = "WEBHOOK_SECRET";
const TOPIC_NAME = "WEBHOOK_TOPIC_ARN";

/** More than one while a password is changed over: each of them is good. */
export function secretsIn(config: Readonly<Record<string, unknown>>): WebhookSecrets[] {
  const named = new Map(Object.entries(config).map(([name, value]) => [name.replace(/^ANYMAIL_/, ""), value]));
  const text = (name: string): string | null => {
    const value = named.get(name);
    return typeof value === "string" ? value : null;
  };
  const key = KEY_NAMES.map(text).find((value) => value !== null) ?? null;
  const given = named.get(BASIC_NAME);
  const passwords = (Array.isArray(given) ? given : [given]).filter((one): one is string => typeof one === "string");
  const basics: (string | null)[] = passwords.length > 0 ? passwords : [null];
  return basics.map((basic) => ({ key, basic, topicArn: text(TOPIC_NAME) }));
}
