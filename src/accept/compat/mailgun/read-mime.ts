import {
  type Form,
  addressesOf,
  first,
  headerValue,
  parseMailbox,
  readHeader,
  rewriteHeader,
} from "../../../mail/index.ts";
import { type Content } from "../../http/submit/read-message.ts";
import { rawContent } from "../../http/submit/read-raw.ts";
import type { CompatParts } from "../compat.ts";
import { type Fault, fault, isFault, notSupported } from "./dialect.ts";
import { newMessageId } from "./message-id.ts";
import { ORDER_FIELDS, ordersOf, withOrders } from "./orders.ts";
import { people, streamOf } from "./read.ts";

export type MimeMessage = { content: Content; messageId: string; rehearsal: boolean };

/**
 * POST /v3/{domain}/messages.mime: the text in the part `message`, its recipients in `to`. Line ends are made CR LF, and
 * fields that are orders to Mailgun are obeyed or refused, and go no further.
 */
export function readMime(form: Form, domain: string, parts: CompatParts): MimeMessage | Fault {
  const file = form.files.find((one) => one.name === "message");
  const given = file ? file.content.toString("latin1") : first(form, "message");
  if (given === undefined) return fault(400, "message parameter is missing");
  const text = Buffer.from(given.replace(/\r\n|\r|\n/g, "\r\n"), file ? "latin1" : "utf8");
  const recipients = people(form, "to").map((one) => parseMailbox(addressesOf(one)[0] ?? one));
  const mailboxes = recipients.flatMap((one) => one ?? []);
  if (mailboxes.length === 0 || mailboxes.length < recipients.length)
    return fault(400, "to parameter is not a valid address. please check documentation");
  const header = readHeader(text, parts.limits);
  if ("code" in header) return fault(400, header.publicMessage);

  const ordered = withOrders(
    form,
    header.fields.map(({ name, value }) => [name, value.trim()] as const),
  );
  const changes = [...ordered.text.keys()].find((name) =>
    /^(?:h:(?!x-postern-stream$)|template$|recipient-variables$)/i.test(name),
  );
  if (changes !== undefined) return notSupported(`${changes} with a message in MIME text`);
  const orders = ordersOf(ordered);
  if (isFault(orders)) return orders;

  const own = headerValue(header, "message-id")?.trim();
  const messageId = own ?? newMessageId(domain, parts);
  const raw = rewriteHeader(text, header, {
    prepend: own === undefined ? `Message-ID: ${messageId}\r\n` : "",
    append: "",
    drop: (name) => ORDER_FIELDS.has(name) || name === "x-postern-stream",
  });
  const stream = streamOf(form) ?? headerValue(header, "x-postern-stream")?.trim();
  const content = rawContent(raw, parseMailbox(`bounces@${domain}`), mailboxes, stream, parts.limits, {});
  if ("code" in content) return fault(400, content.detail);
  const sendAt = orders.sendAt === undefined ? {} : { sendAt: Date.parse(orders.sendAt) };
  return { content: { ...content, tags: orders.tags, ...sendAt }, messageId, rehearsal: orders.rehearsal };
}
