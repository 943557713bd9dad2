import { foldedAddress, parseMailbox } from "../../../mail/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { type Fault, memberNotSupported } from "./dialect.ts";
import { mailFault } from "./field.ts";
import { type SendGridMail, streamOf } from "./read.ts";

/** docs.sendgrid.com/api-reference/mail-send (seen 2026-11-25). */
const RECIPIENTS = 1_000;
const VALUES_OCTETS = 10_000;

/** Rules of SendGrid's that a shape cannot tell; null: none is broken. */
export function brokenRule(mail: SendGridMail): Fault | null {
  let recipients = 0;
  for (const [n, one] of mail.personalizations.entries()) {
    const at = `personalizations.${n}`;
    const seen = new Set<string>();
    for (const list of ["to", "cc", "bcc"] as const) {
      for (const { email } of one[list] ?? []) {
        recipients += 1;
        const address = foldedAddress(email);
        if (seen.has(address)) {
          const where = `We found the first duplicate instance of [${email.slice(0, 320)}] in the ${at}.${list} field.`;
          return mailFault(
            `Each email address in the personalization block should be unique between to, cc, and bcc. ${where}`,
            at,
          );
        }
        seen.add(address);
      }
    }
    for (const name of ["substitutions", "custom_args"] as const) {
      if (Buffer.byteLength(JSON.stringify(one[name] ?? {})) > VALUES_OCTETS)
        return mailFault(`The ${name} of a personalization may not exceed ${VALUES_OCTETS} bytes.`, `${at}.${name}`);
    }
  }
  if (recipients > RECIPIENTS)
    return mailFault("There is a limit of 1000 total recipients (to + cc + bcc) per request.", "personalizations");
  if (mail.reply_to && (mail.reply_to_list?.length ?? 0) > 0)
    return mailFault("Only one of reply_to and reply_to_list may be given.", "reply_to_list");
  if (!mail.template_id && (mail.content ?? []).length === 0) {
    return mailFault(
      "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block.",
      "content",
    );
  }
  return null;
}

/** Mail settings that are asked for when they are on. `footer` and `sandbox_mode` are done. */
const SETTINGS_DONE: ReadonlySet<string> = new Set(["footer", "sandbox_mode"]);
const BYPASS = /^bypass_\w+_management$/;

/** A member that would change the message or whom it reaches, and cannot be acted on here; null: all can. */
export function unsupported(
  mail: SendGridMail,
  who: Submitter,
  { tenants }: Pick<CompatParts, "tenants">,
): Fault | null {
  if (mail.asm)
    return memberNotSupported(
      "asm",
      "There are no unsubscribe groups: the suppression list is one for all mail of a tenant.",
    );
  for (const [n, { type }] of (mail.content ?? []).entries()) {
    if (!/^text\/(?:plain|html)\s*(?:;|$)/.test(type)) return memberNotSupported(`content.${n}.type`);
  }
  for (const [name, setting] of Object.entries(mail.mail_settings ?? {})) {
    if (!setting?.enable || SETTINGS_DONE.has(name)) continue;
    if (BYPASS.test(name)) {
      if (mail.personalizations.every((one) => passesSuppression(streamOf(mail, one), who, tenants))) continue;
      return memberNotSupported(
        `mail_settings.${name}`,
        "Only mail of a stream of class C0 or C1 passes the suppression list, and does so by itself.",
      );
    }
    return memberNotSupported(`mail_settings.${name}`);
  }
  if (mail.tracking_settings?.["subscription_tracking"]?.enable)
    return memberNotSupported("tracking_settings.subscription_tracking", "Write the link to unsubscribe yourself.");
  return null;
}

/** docs/decisions/0007. */
function passesSuppression(name: string | undefined, who: Submitter, tenants: CompatParts["tenants"]): boolean {
  const tenant = tenants.find(who.tenant);
  const { class: kind } = tenant?.stream(name ?? tenant.credentialStream(who.credential) ?? undefined) ?? {};
  return kind === "C0" || kind === "C1";
}

/** What would refuse one of several only after others went: whose it is, and when it is to be sent. */
export function laterRefusal(mail: SendGridMail, who: Submitter, parts: CompatParts): Fault | null {
  const tenant = parts.tenants.find(who.tenant);
  const furthest = parts.clock.now() + parts.limits.scheduleAheadMs;
  for (const [n, one] of mail.personalizations.entries()) {
    const from = parseMailbox((one.from ?? mail.from).email);
    if (one.from && from && !tenant?.owns(from.domain.toLowerCase()))
      return mailFault(
        "The from address does not match a verified Sender Identity.",
        `personalizations.${n}.from.email`,
      );
    if (one.send_at && one.send_at * 1000 > furthest)
      return mailFault(
        "The send_at is further ahead than messages are kept (limits.scheduleAhead).",
        `personalizations.${n}.send_at`,
      );
  }
  return null;
}
