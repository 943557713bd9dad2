import { problemText } from "../../../templates/index.ts";
import type { Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { renderStored } from "../render-stored.ts";
import { type ResendError, fault, invalid, notFound } from "./dialect.ts";
import type { ResendEmail, WholeEmail } from "./read.ts";
import { refOf } from "./template-ref.ts";

/**
 * An email with the content of its published template; without a template, as it came. What the request says goes
 * before what the template has (resend.com/docs/api-reference/emails/send-email, seen 2026-11-25).
 */
export async function fromTemplate(
  email: ResendEmail,
  who: Submitter,
  parts: CompatParts,
): Promise<WholeEmail | ResendError> {
  const { template } = email;
  if (!template) return whole(email);
  if (email.html || email.text) return invalid("`html` and `text` cannot be used together with `template`.");
  const streamName = Object.entries(email.headers ?? {}).find(([name]) => /^x-postern-stream$/i.test(name))?.[1];
  const made = await renderStored(parts, who, streamName, refOf(template.id), template.variables ?? {});
  if (made.kind === "not-found") return notFound("Template");
  if (made.kind === "problems") return invalid(`The template cannot be used: ${problemText(made.problems[0]!)}`);
  const { rendered, template: kept } = made;
  return whole({
    ...email,
    from: email.from ?? kept.from,
    reply_to: email.reply_to ?? email.replyTo ?? (kept.replyTo === null ? null : kept.replyTo.split(", ")),
    subject: email.subject ?? rendered.subject,
    html: rendered.html,
    text: rendered.text,
  });
}

function whole(email: ResendEmail): WholeEmail | ResendError {
  const { from, subject } = email;
  if (typeof from !== "string") return fault(422, "missing_required_field", "Missing `from` field.");
  if (typeof subject !== "string") return fault(422, "missing_required_field", "Missing `subject` field.");
  return { ...email, from, subject };
}
