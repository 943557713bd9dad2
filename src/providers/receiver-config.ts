import type { WebhookSecrets } from "./events.ts";

/**
 * Settings that hold the secret of notices, as other receivers name them (django-anymail's settings, with or without its
 * prefix). Recorded requests carry them as `receiver_config`.
 */
const KEY_NAMES = [
  "MAILGUN_WEBHOOK_SIGNING_KEY",
  "RESEND_SIGNING_SECRET",
  "RESEND_TRACKING_WEBHOOK_SECRET",
  "MANDRILL_WEBHOOK_KEY",
  "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
  "MAILERSEND_SIGNING_SECRET",
  "MAILERSEND_INBOUND_SECRET",
  "POSTAL_WEBHOOK_KEY",
  "UNISENDER_GO_API_KEY",
] as const;
/** Mailgun's is good for notices, too, where no signing key is set. */
const STANDS_IN = "MAILGUN_API_KEY";
const BASIC_NAME = "WEBHOOK_SECRET";
const TOPIC_NAME = "WEBHOOK_TOPIC_ARN";

/** More than one while a password is changed over, and where mail that comes in has a key of its own: each of them is good. */
export function secretsIn(config: Readonly<Record<string, unknown>>): WebhookSecrets[] {
  const named = new Map(Object.entries(config).map(([name, value]) => [name.replace(/^ANYMAIL_/, ""), value]));
  const text = (name: string): string | null => {
    const value = named.get(name);
    return typeof value === "string" ? value : null;
  };
  const keys: (string | null)[] = KEY_NAMES.flatMap((name) => text(name) ?? []);
  if (keys.length === 0) keys.push(text(STANDS_IN));
  const given = named.get(BASIC_NAME);
  const passwords = (Array.isArray(given) ? given : [given]).filter((one): one is string => typeof one === "string");
  const basics: (string | null)[] = passwords.length > 0 ? passwords : [null];
  return keys.flatMap((key) => basics.map((basic) => ({ key, basic, topicArn: text(TOPIC_NAME) })));
}
