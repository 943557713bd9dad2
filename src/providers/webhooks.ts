import type { ApiKind } from "../config/index.ts";
import type { ReceiveWebhook, WebhookAnswer, WebhookSecrets } from "./events.ts";
import { receive as mailgun } from "./mailgun/events.ts";
import { readUnproven as mandrillUnproven, receive as mandrill } from "./mandrill/events.ts";
import { NOTICES, type NoticeVendor } from "./notices/index.ts";
import { receive as postmark } from "./postmark/events.ts";
import { receive as resend } from "./resend/events.ts";
import { readRecorded as sendgridRecorded, receive as sendgrid } from "./sendgrid/events.ts";
import { readUnproven as sesUnproven, receive as ses } from "./ses/events.ts";

/** Who reads notices of which kind of provider. */
export const RECEIVERS: Readonly<Record<ApiKind, ReceiveWebhook>> = {
  mailgun,
  mandrill,
  postmark,
  resend,
  sendgrid,
  ses,
};

/** With those of services that are spoken to by SMTP. */
export const NOTICE_READERS: Readonly<Record<NoticeKind, ReceiveWebhook>> = { ...RECEIVERS, ...NOTICES };
export type NoticeKind = ApiKind | NoticeVendor;

/** What a password in its address proves and nothing else, read as if that had been right. */
const asIfKnown =
  (receive: ReceiveWebhook): ReceiveWebhook =>
  (request, secrets, parts) => {
    const headers = { ...request.headers, authorization: `Basic ${Buffer.from("a:b").toString("base64")}` };
    return receive({ ...request, headers }, { ...secrets, basic: "a:b" }, parts);
  };

/** Of a recording whose secrets are not known. */
const UNPROVEN: Partial<Record<NoticeKind, ReceiveWebhook>> = {
  mandrill: mandrillUnproven,
  ...Object.fromEntries(
    (["postmark", "sendgrid", "brevo", "mailjet", "mailtrap", "sparkpost"] as const).map((kind) => [
      kind,
      asIfKnown(NOTICE_READERS[kind]),
    ]),
  ),
};

/**
 * Reads a recorded notice for somebody who looks into it; never for a door.
 * @param isAged its age is to be judged. @returns `isProven`: false where nothing but its form is checked.
 */
export function readerOfRecording(
  kind: NoticeKind,
  secrets: readonly WebhookSecrets[],
  isAged: boolean,
): { read: ReceiveWebhook; isProven: boolean } {
  // The proof of SNS needs a certificate from the network.
  if (kind === "ses") return { read: sesUnproven, isProven: false };
  const isKnown = secrets.some(({ key, basic }) => key !== null || basic !== null);
  const unproven = isKnown ? undefined : UNPROVEN[kind];
  if (unproven) return { read: unproven, isProven: false };
  return { read: kind === "sendgrid" && !isAged ? sendgridRecorded : NOTICE_READERS[kind], isProven: true };
}

/** What the caller of the webhook gets. */
export const httpStatusOf = (answer: WebhookAnswer): number => (answer.kind === "refused" ? answer.status : 200);
