import type { ApiKind } from "../config/index.ts";
import type { ReceiveWebhook, WebhookAnswer } from "./events.ts";
import { receive as mailgun } from "./mailgun/events.ts";
import { receive as mandrill } from "./mandrill/events.ts";
import { NOTICES, type NoticeVendor } from "./notices/index.ts";
import { receive as postmark } from "./postmark/events.ts";
import { receive as resend } from "./resend/events.ts";
import { receive as sendgrid } from "./sendgrid/events.ts";
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

/** Kinds whose proof needs the network; these read a recorded notice without it. For looking into one, never for a door. */
export const READERS_WITHOUT_PROOF: Partial<Record<NoticeKind, ReceiveWebhook>> = { ses: sesUnproven };

/** What the caller of the webhook gets. */
export const httpStatusOf = (answer: WebhookAnswer): number => (answer.kind === "refused" ? answer.status : 200);
