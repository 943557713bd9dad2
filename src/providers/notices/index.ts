import type { ReceiveWebhook } from "../events.ts";
import { receive as brevo } from "./brevo.ts";
import { receive as mailersend } from "./mailersend.ts";
import { receive as mailjet } from "./mailjet.ts";
import { receive as mailtrap } from "./mailtrap.ts";
import { receive as postal } from "./postal.ts";
import { receive as sparkpost } from "./sparkpost.ts";
import { receive as unisenderGo } from "./unisender-go.ts";

/** Services that are spoken to by SMTP and tell what became of a message by notices of their own. */
export const NOTICES = {
  brevo,
  mailersend,
  mailjet,
  mailtrap,
  postal,
  sparkpost,
  "unisender-go": unisenderGo,
} satisfies Record<string, ReceiveWebhook>;
export type NoticeVendor = keyof typeof NOTICES;
