import type { NewMessage, TwinAccount } from "./account.ts";
import { composed } from "./composed.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";
import { refusal, SENDER_UNVERIFIED } from "./sendgrid-errors.ts";
import { faultIn, listOf, type Mail, type Named, type Personalization, recordOf } from "./sendgrid-mail.ts";

/** POST /v3/mail/send: each personalization is a message of its own, under one X-Message-Id. */
export async function takeSendgrid(request: TwinRequest, desk: Desk): Promise<TwinReply> {
  const mail = recordOf(request.json) as Mail;
  const fault = request.json === undefined ? refusal(400, "Bad Request") : faultIn(mail);
  if (fault) return fault;
  if (!mayBeFrom(desk.account, mail.from!.email)) return SENDER_UNVERIFIED;
  // "sandbox_mode": everything is looked at, nothing is sent, and the answer is 200.
  if (mail.mail_settings?.sandbox_mode?.enable === true) return { status: 200, body: "" };
  const id = newMessageId(desk);
  for (const one of mail.personalizations!) {
    const message = await messageOf(mail, one, desk.account);
    // Only suppressed ones are left: it is taken as always, and dropped.
    desk.take(message, id, message.recipients.length === 0 ? "dropped" : undefined);
  }
  return { status: 202, headers: { "x-message-id": id, "content-type": "text/plain; charset=utf-8" }, body: "" };
}

/** 22 characters of base64url, as X-Message-Id has them. */
const newMessageId = ({ account }: Desk): string =>
  Buffer.from(`twin-message-${String(account.nextCount()).padStart(3, "0")}`)
    .toString("base64url")
    .slice(0, 22);

function mayBeFrom(account: TwinAccount, email: string): boolean {
  const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
  const isOf = (one: unknown) => typeof one === "string" && (domain === one || domain.endsWith(`.${one}`));
  return (
    [...account.things("domain").values()].some((one) => isOf(one["domain"])) ||
    [...account.things("sender").values()].some((one) => one["email"] === email.toLowerCase())
  );
}

async function messageOf(mail: Mail, one: Personalization, account: TwinAccount): Promise<NewMessage> {
  const from = one.from ?? mail.from!;
  const substituted = (text: string): string =>
    Object.entries(one.substitutions ?? {}).reduce((so_far, [tag, value]) => so_far.replaceAll(tag, value), text);
  const subject = substituted(one.subject ?? mail.subject ?? "");
  const content = (type: string) => listOf(mail.content).find((part) => part.type === type)?.value;
  const text = content("text/plain");
  const html = content("text/html");
  const headers = Object.entries({ ...mail.headers, ...one.headers });
  const named = (name: string) => headers.find(([key]) => key.toLowerCase() === name)?.[1];
  const replyTo = mail.reply_to_list ?? (mail.reply_to ? [mail.reply_to] : []);
  const messageId = named("message-id");
  const date = named("date");
  const raw = await composed({
    from: address(from),
    to: one.to!.map(address),
    cc: listOf(one.cc).map(address),
    replyTo: replyTo.map(address),
    subject,
    ...(text === undefined ? {} : { text: substituted(text) }),
    ...(html === undefined ? {} : { html: substituted(html) }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(date === undefined ? {} : { date }),
    headers: Object.fromEntries(headers.filter(([key]) => !/^(?:message-id|date)$/i.test(key))),
    attachments: listOf(mail.attachments).map((part) => ({
      filename: part.filename ?? "",
      content: Buffer.from(part.content ?? "", "base64"),
      ...(part.type === undefined ? {} : { contentType: part.type }),
      ...(part.content_id === undefined ? {} : { cid: part.content_id }),
      contentDisposition: part.disposition === "inline" ? ("inline" as const) : ("attachment" as const),
    })),
  });
  const suppressed = new Set([...account.things("suppression").values()].map((entry) => String(entry["email"])));
  return {
    from: from.email,
    recipients: [...one.to!, ...listOf(one.cc), ...listOf(one.bcc)]
      .map(({ email }) => email)
      .filter((email) => !suppressed.has(email.toLowerCase())),
    subject,
    metadata: { ...mail.custom_args, ...one.custom_args },
    tags: listOf(mail.categories),
    raw,
    fields: mail as Record<string, unknown>,
  };
}

/** A name that came in quotes of its own is put into the field as it is. */
const address = ({ name, email }: Named) => ({
  name: /^".*"$/.test(name ?? "") ? name!.slice(1, -1).replace(/\\(.)/g, "$1") : (name ?? ""),
  address: email,
});
