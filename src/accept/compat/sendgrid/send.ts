import type { MessageJson } from "../../http/submit/message-schema.ts";
import type { Content } from "../../http/submit/read-message.ts";
import type { Refusal, Submitter } from "../../submission.ts";
import type { CompatParts } from "../compat.ts";
import { mediaTypeOf } from "../media-type.ts";
import { present } from "../present.ts";
import { readMessageThere } from "../read-message-there.ts";
import { type Body, type BodyMaker, bodyMaker } from "./body.ts";
import { type Fault, fault, isFault } from "./dialect.ts";
import { contentErrors, mailFault, shapeFault } from "./field.ts";
import { tagsOf } from "./labels.ts";
import { type Person, type Personalization, type SendGridMail, headersOf, mailShape, streamOf } from "./read.ts";
import { brokenRule, laterRefusal, unsupported } from "./rules.ts";
import { whyNoMore } from "./scheduled-batch.ts";

/** Id of the first message; null: it was a rehearsal. */
export type Sent = { id: string | null };

/** One message for each personalization. All are read before the first one is taken. */
export async function sendMail(body: unknown, who: Submitter, parts: CompatParts): Promise<Sent | Fault> {
  if (body === undefined) return fault(400, "Bad Request: the body is no JSON");
  const read = mailShape.safeParse(body);
  if (!read.success) return shapeFault(read.error);
  const mail = read.data;
  const cannot = unsupported(mail, who, parts) ?? brokenRule(mail);
  if (cannot) return cannot;
  const make = await bodyMaker(mail, who, parts);
  if (isFault(make)) return make;
  const rehearsed = await rehearse(mail, make, parts);
  if (isFault(rehearsed)) return rehearsed;
  const later =
    laterRefusal(mail, who, parts) ?? (mail.batch_id ? await whyNoMore(who.tenant, mail.batch_id, parts) : null);
  if (later) return later;
  if (mail.mail_settings?.["sandbox_mode"]?.enable) return { id: null };
  return takeAll(mail, rehearsed, make, who, parts);
}

/** Everything that can be wrong is told before anything is sent. Attachments, the same for all, are read with the first. */
async function rehearse(mail: SendGridMail, make: BodyMaker, { random }: CompatParts): Promise<Content | Fault> {
  const errors: Fault["errors"] = [];
  let first: Content | null = null;
  for (const [n, one] of mail.personalizations.entries()) {
    const content = contentOf(n === 0 ? mail : { ...mail, attachments: null }, one, n, make, random);
    if (isFault(content)) errors.push(...content.errors);
    else first ??= content;
    if (errors.length >= 10) break;
    if (n > 0) await turn();
  }
  return first && errors.length === 0 ? first : { status: 400, errors: errors.slice(0, 10) };
}

async function takeAll(
  mail: SendGridMail,
  first: Content,
  make: BodyMaker,
  who: Submitter,
  { port, random }: CompatParts,
): Promise<Sent | Fault> {
  let id: string | null = null;
  for (const [n, one] of mail.personalizations.entries()) {
    const content = n === 0 ? first : contentOf(mail, one, n, make, random);
    if (isFault(content)) return content;
    const taken = await port.accept({ submitter: who, door: "http", ...content });
    if (taken.kind === "refused") return refused(taken.refusal, n);
    id ??= taken.spoolId;
  }
  return { id };
}

/** Of several, those before it are on their way: whoever sends again should know. */
function refused({ code, http, publicMessage }: Refusal, n: number): Fault {
  const message = n === 0 ? publicMessage : `${publicMessage} (The first ${n} personalizations were taken.)`;
  if (code === "author-not-allowed") return { ...mailFault(message, "from"), status: http.status };
  if (code.startsWith("send-at-")) return mailFault(message, "send_at");
  return fault(http.status === 422 ? 400 : http.status, message);
}

function contentOf(
  mail: SendGridMail,
  one: Personalization,
  n: number,
  make: BodyMaker,
  random: CompatParts["random"],
): Content | Fault {
  const body = make(one, n);
  if (isFault(body)) return body;
  const content = readMessageThere(jsonOf(mail, one, body), random);
  return "code" in content ? { status: 400, errors: contentErrors(content, mail, n) } : content;
}

/** Others are served in between. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const mailbox = ({ email, name }: Person) => (name ? { email, name } : email);
const mailboxes = (given: Person[] | null | undefined) => (given ?? []).map(mailbox);

/** Those a personalization names see each other. */
function jsonOf(mail: SendGridMail, one: Personalization, { subject, text, html }: Body): MessageJson {
  const at = one.send_at ?? mail.send_at;
  return {
    from: mailbox(one.from ?? mail.from),
    to: mailboxes(one.to),
    cc: mailboxes(one.cc),
    bcc: mailboxes(one.bcc),
    replyTo: mail.reply_to ? [mailbox(mail.reply_to)] : mailboxes(mail.reply_to_list),
    subject,
    ...present("text", text),
    ...present("html", html),
    headers: Object.fromEntries(headersOf(mail, one)),
    attachments: (mail.attachments ?? []).map((file) => ({
      filename: file.filename,
      contentType: file.type || mediaTypeOf(file.filename),
      content: file.content.replace(/\s+/g, ""),
      disposition: file.disposition === "inline" ? ("inline" as const) : ("attachment" as const),
      ...(file.content_id ? { contentId: file.content_id } : {}),
    })),
    tags: tagsOf(mail, one),
    ...present("stream", streamOf(mail, one)),
    ...(at ? { sendAt: new Date(at * 1000).toISOString() } : {}),
  };
}
