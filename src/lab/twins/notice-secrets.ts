import type { ApiKind, ApiProviderSettings } from "../../config/index.ts";
import { type Random, Secret } from "../../kernel/index.ts";
import { sendgridWebhookKeys } from "./sendgrid-notice.ts";

type Webhook = NonNullable<ApiProviderSettings["webhook"]>;

/** What a twin signs its notices with, and what the gateway's settings must say so that it knows them. New at each start. */
export function noticeSecretsOf(kind: ApiKind, random: Random): { signsWith: string; webhook: Webhook } {
  const none: Webhook = { key: null, basic: null, topicArn: null, url: null };
  const secret = random.bytes(24);
  const withKey = (signsWith: string, key = signsWith) => ({ signsWith, webhook: { ...none, key: new Secret(key) } });
  switch (kind) {
    case "mandrill":
    case "mailgun":
      return withKey(secret.toString("base64url"));
    case "resend":
      return withKey(`whsec_${secret.toString("base64")}`);
    case "sendgrid": {
      const pair = sendgridWebhookKeys();
      return withKey(pair.secret, pair.publicKey);
    }
    case "postmark": {
      const basic = `postern:${secret.toString("base64url")}`;
      return { signsWith: basic, webhook: { ...none, basic: new Secret(basic) } };
    }
    case "ses": {
      const topicArn = "arn:aws:sns:eu-central-1:123456789012:postern";
      return { signsWith: topicArn, webhook: { ...none, topicArn } };
    }
  }
}
