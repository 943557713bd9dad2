import type { VendorFormat, WebhookFormat } from "../../mail/index.ts";
import { VENDOR_WORDS } from "../../mail/index.ts";
import type { EventFacts } from "../payload.ts";
import type { Dialect, Hearer, Notice } from "./dialect.ts";
import { mailgun } from "./mailgun.ts";
import { mandrill } from "./mandrill.ts";
import { posternNotice } from "./postern.ts";
import { postmark } from "./postmark.ts";
import { resend } from "./resend.ts";
import { sendgrid } from "./sendgrid.ts";
import { ses } from "./ses.ts";
import { tellingOf } from "./telling.ts";

export type { Hearer, Notice } from "./dialect.ts";
export { publicKeyText } from "./sendgrid.ts";

const DIALECTS: Readonly<Record<VendorFormat, Dialect>> = { mandrill, sendgrid, postmark, mailgun, resend, ses };

/**
 * The calls that tell of an event, in order, each made at the time of its try. None: the format has no word for it.
 * @param facts all of it, every recipient included
 */
export function noticesOf(format: WebhookFormat, facts: EventFacts, hearer: Hearer): ((now: number) => Notice)[] {
  if (format === "postern") return [(now) => posternNotice(facts, hearer, now)];
  const telling = tellingOf(facts);
  if (telling === null || VENDOR_WORDS[format][telling.happening] === undefined) return [];
  const dialect = DIALECTS[format];
  const told = facts.recipients.map((address, n) => ({ address, n }));
  const calls: ((now: number) => Notice)[] = [];
  for (let from = 0; from < told.length; from += dialect.recipientsAtOnce) {
    const some = told.slice(from, from + dialect.recipientsAtOnce);
    calls.push((now) => dialect.notice(telling, some, hearer, now));
  }
  return calls;
}

/** Statuses with which a receiver of this format says: never again (410 says so everywhere). */
export const enoughFor = (format: WebhookFormat): readonly number[] =>
  format === "postern" ? [] : DIALECTS[format].enough;
