import PostalMime from "postal-mime";
import { composed } from "./composed.ts";

/** What an intruder, or a vendor's setting, does to mail on its way out. */
export type Alteration = { footer: string | null; linksTo: string | null };

export const AS_IT_IS: Alteration = { footer: null, linksTo: null };

const LINK = /https?:\/\/[^\s<>"']+/g;
/** Fields that are written anew; the others go along as they are. */
const ANEW =
  /^(?:from|to|cc|subject|reply-to|date|message-id|mime-version|content-.+|received|return-path|dkim-signature)$/;

/** The message with a footer, or with other links, as a vendor that opens it and writes it anew sends it on. */
export async function altered(raw: Buffer, { footer, linksTo }: Alteration): Promise<Buffer> {
  if (footer === null && linksTo === null) return raw;
  const email = await PostalMime.parse(raw);
  const field = (name: string): string | undefined => email.headers.find(({ key }) => key === name)?.value;
  const led = (text: string): string => (linksTo === null ? text : text.replaceAll(LINK, linksTo));
  const text =
    email.text === undefined ? undefined : led(email.text).trimEnd() + (footer === null ? "" : `\n\n${footer}\n`);
  const foot = footer === null ? "" : `<p>${footer.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</p>`;
  const html = email.html === undefined ? undefined : withFoot(led(email.html), foot);
  return composed({
    from: field("from"),
    to: field("to"),
    cc: field("cc"),
    replyTo: field("reply-to"),
    subject: email.subject ?? "",
    date: field("date"),
    messageId: field("message-id"),
    text,
    html,
    headers: email.headers.filter(({ key }) => !ANEW.test(key)).map(({ key, value }) => ({ key, value })),
    attachments: email.attachments.map(({ filename, mimeType, content }) => ({
      filename: filename ?? false,
      contentType: mimeType,
      content: typeof content === "string" ? content : Buffer.from(content as ArrayBuffer),
    })),
  });
}

function withFoot(html: string, foot: string): string {
  const at = html.lastIndexOf("</body>");
  return at === -1 ? html + foot : html.slice(0, at) + foot + html.slice(at);
}
