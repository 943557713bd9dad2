import { createHash } from "node:crypto";
import { addressesOf, headerValue, readHeader, rewriteHeader } from "../../mail/index.ts";
import { type JsonRecord, listOf, recordOf, textOf, textsOf } from "./mandrill-fields.ts";
import type { SentMessage, TwinAccount } from "./account.ts";
import { composed } from "./composed.ts";
import type { Desk } from "./dialect.ts";
import { type NamedError, namedError } from "./mandrill-errors.ts";

/** What messages/send, send-template and send-raw say of one recipient. */
export type Claim = {
  email: string;
  status: string;
  _id: string;
  reject_reason: string | null;
  queued_reason: string | null;
};
/** Another answer than the account's own: for all recipients a reason to queue, or for the last one a refusal. */
export type Twist = { queued: string | null } | { status: string; reason: string | null };

/** Refused messages: searches show them, and nothing else of them is left. */
export type RefusedRow = { id: string; at: number; email: string; sender: string; subject: string; metadata: object };
const refusedOf = new WeakMap<TwinAccount, RefusedRow[]>();
export function refusedBy(account: TwinAccount): RefusedRow[] {
  const rows = refusedOf.get(account) ?? [];
  refusedOf.set(account, rows);
  return rows;
}

type Letter = {
  raw: Buffer;
  from: string;
  to: string[];
  subject: string;
  metadata: Record<string, string>;
  tags: string[];
  subaccount: string | null;
  options: Record<string, unknown>;
};

export async function takeMandrill(
  method: string,
  body: unknown,
  desk: Desk,
  twist?: Twist,
): Promise<Claim[] | NamedError> {
  const given = recordOf(body);
  const letter = method === "messages/send-raw" ? rawLetter(given) : await builtLetter(recordOf(given["message"]));
  if ("error" in letter) return letter;
  const { account } = desk;
  if (letter.subaccount !== null && !account.things("setting").has(`subaccount ${letter.subaccount}`)) {
    return namedError("Unknown_Subaccount", `No subaccount exists with the id '${letter.subaccount}'`);
  }
  // Whoever tries to send shows in users/senders, allowed or not.
  if (!account.things("sender").has(letter.from)) {
    account.put("sender", { id: letter.from, email: letter.from, at: desk.clock.now() });
  }
  return letter.to.map((email, n) =>
    claimOf(email, letter, desk, n === letter.to.length - 1 ? twist : queueing(twist)),
  );
}

const queueing = (twist: Twist | undefined): Twist | undefined => (twist && "queued" in twist ? twist : undefined);

function claimOf(email: string, letter: Letter, desk: Desk, twist: Twist | undefined): Claim {
  const count = desk.account.nextCount();
  const id = createHash("sha256").update(`mandrill ${count}`).digest("hex").slice(0, 32);
  const claim = (status: string, reject: string | null, queued: string | null): Claim => ({
    email,
    status,
    _id: id,
    reject_reason: reject,
    queued_reason: queued,
  });
  const take = (state?: SentMessage["state"]) => {
    const { raw, from, subject, metadata, tags, options } = letter;
    desk.take({ from, recipients: [email], subject, metadata, tags, raw, fields: options }, id, state);
  };
  const refused = twist && "status" in twist ? twist : refusalOf(email, letter, desk.account);
  if (refused) {
    const { from: sender, subject, metadata } = letter;
    refusedBy(desk.account).push({ id, at: desk.clock.now(), email, sender, subject, metadata });
    return claim(refused.status, refused.reason, null);
  }
  if (twist && "queued" in twist) {
    take("held");
    return claim("queued", null, twist.queued);
  }
  const subaccount = desk.account.things("setting").get(`subaccount ${letter.subaccount}`);
  if (subaccount?.["status"] === "paused") {
    take("held");
    return claim("queued", null, "sending-paused");
  }
  take();
  const queued = letter.to.length > 10 ? "multiple-recipients" : hasAttachment(letter.raw) ? "attachments" : null;
  return claim(queued === null ? "sent" : "queued", null, queued);
}

function refusalOf(
  email: string,
  { from }: Letter,
  account: TwinAccount,
): { status: string; reason: string | null } | null {
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) return { status: "invalid", reason: null };
  const entry = account.things("suppression").get(email.toLowerCase());
  if (entry) return { status: "rejected", reason: entry["reason"] === "manual" ? "custom" : String(entry["reason"]) };
  if (!account.things("domain").has(from.split("@")[1] ?? "")) return { status: "rejected", reason: "unsigned" };
  return null;
}

/** As over SMTP: X-MC fields are orders, and do not go further; recipients are those of `to`, or of the fields. */
function rawLetter(given: JsonRecord): Letter | NamedError {
  const text = textOf(given["raw_message"]);
  if (text === null) return namedError("ValidationError", 'You must specify a value for "raw_message"');
  const whole = Buffer.from(text);
  const header = readHeader(whole, { headerBytes: whole.length, headerFields: 10_000 });
  if (!("bodyStart" in header)) return namedError("ValidationError", "The message cannot be parsed");
  const order = (name: string): string | null => headerValue(header, `x-mc-${name}`) ?? null;
  const named = textsOf(given["to"]);
  const fields = ["to", "cc", "bcc"].flatMap((name) => addressesOf(headerValue(header, name) ?? ""));
  const options = Object.fromEntries(
    header.fields.flatMap(({ name, value }) => (name.startsWith("x-mc-") ? [[name.slice(5), value]] : [])),
  );
  const isOrder = (name: string): boolean => name.startsWith("x-mc-");
  return {
    raw: rewriteHeader(whole, header, { prepend: "", append: "", drop: isOrder }),
    from: textOf(given["from_email"]) ?? addressesOf(headerValue(header, "from") ?? "")[0] ?? "",
    to: named.length > 0 ? named : fields,
    subject: headerValue(header, "subject") ?? "",
    metadata: textsIn(parsed(order("metadata") ?? "{}")),
    tags: (order("tags") ?? "").split(",").filter((tag) => tag !== ""),
    subaccount: order("subaccount"),
    options,
  };
}

async function builtLetter(message: JsonRecord): Promise<Letter | NamedError> {
  const from = textOf(message["from_email"]);
  const to = listOf(message["to"]).map(recordOf);
  if (from === null || to.length === 0) return namedError("ValidationError", 'You must specify a value for "message"');
  const of = (type: string): string[] =>
    to.filter((one) => (textOf(one["type"]) ?? "to") === type).flatMap((one) => textOf(one["email"]) ?? []);
  const raw = await composed({
    from: { name: textOf(message["from_name"]) ?? "", address: from },
    to: of("to"),
    cc: of("cc"),
    subject: textOf(message["subject"]) ?? "",
    text: textOf(message["text"]) ?? undefined,
    html: textOf(message["html"]) ?? undefined,
    headers: textsIn(message["headers"]),
    attachments: listOf(message["attachments"])
      .map(recordOf)
      .map((one) => ({
        filename: textOf(one["name"]) ?? "attachment",
        contentType: textOf(one["type"]) ?? "application/octet-stream",
        content: Buffer.from(textOf(one["content"]) ?? "", "base64"),
      })),
  });
  const { html: _html, text: _text, attachments: _attachments, images: _images, ...options } = message;
  return {
    raw,
    from,
    to: [...of("to"), ...of("cc"), ...of("bcc")],
    subject: textOf(message["subject"]) ?? "",
    metadata: textsIn(message["metadata"]),
    tags: textsOf(message["tags"]),
    subaccount: textOf(message["subaccount"]),
    options: { ...options, viewcontentlink: String(message["view_content_link"] ?? "true") },
  };
}

const hasAttachment = (raw: Buffer): boolean => /^content-disposition:[ \t]*attachment/im.test(raw.toString("latin1"));

const textsIn = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(recordOf(value)).map(([name, one]) => [name, String(one)]));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
