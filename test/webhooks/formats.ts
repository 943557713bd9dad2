import { createHash, generateKeyPairSync } from "node:crypto";
import type { VendorFormat } from "../../src/mail/index.ts";
import type { WebhookSecrets } from "../../src/providers/index.ts";

const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
export const SENDGRID_PUBLIC_KEY = pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
const WHSEC = `whsec_${createHash("sha256").update("resend").digest("base64")}`;
const CALLER = "postern:a-long-password-of-ours";

/** The secret of each format as postern.yaml has it, and what the application has of it. */
export const KEYS: Readonly<Record<VendorFormat, { secret: string; receiver: WebhookSecrets }>> = {
  mandrill: { secret: "key-of-a-mandrill-webhook", receiver: given({ key: "key-of-a-mandrill-webhook" }) },
  sendgrid: {
    secret: pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    receiver: given({ key: SENDGRID_PUBLIC_KEY }),
  },
  postmark: { secret: CALLER, receiver: given({ basic: CALLER }) },
  mailgun: { secret: "key-0123456789abcdef", receiver: given({ key: "key-0123456789abcdef" }) },
  resend: { secret: WHSEC, receiver: given({ key: WHSEC }) },
  ses: { secret: CALLER, receiver: given({ basic: CALLER, topicArn: "arn:aws:sns:eu-central-1:123456789012:mail" }) },
};

function given(secrets: Partial<WebhookSecrets>): WebhookSecrets {
  return { key: null, basic: null, topicArn: null, ...secrets };
}
