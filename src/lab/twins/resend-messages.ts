import { createHash, randomUUID } from "node:crypto";
import type { SentMessage, TwinAccount } from "./account.ts";
import { composed } from "./composed.ts";
import type { Desk, TwinReply, TwinRequest } from "./dialect.ts";
import { pageOf } from "./resend-configuration.ts";
import { resendError } from "./resend-error.ts";

/** The body of POST /emails, as far as anybody here reads it. */
type Email = {
  from?: string;
  to?: string | string[];
  cc?: string | string[];
  bcc?: string | string[];
  reply_to?: string | string[];
  subject?: string;
  text?: string;
  html?: string;
  headers?: Record<string, string>;
  attachments?: { content?: string; filename?: string; content_type?: string; content_id?: string }[];
  tags?: { name: string; value: string }[];
  template?: unknown;
};

/** "We keep idempotency keys in our system for 24 hours." */
const KEY_KEPT_MS = 24 * 60 * 60 * 1000;
type Kept = { at: number; digest: string; reply: TwinReply };
const keysOf = new WeakMap<TwinAccount, Map<string, Kept>>();

/** POST /emails and /emails/batch. */
export async function sendResend(request: TwinRequest, desk: Desk): Promise<TwinReply> {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return sendNow(request, desk);
  if (key.length < 1 || key.length > 256) {
    return resendError(400, "invalid_idempotency_key", "The key must be between 1-256 chars.");
  }
  const kept = keysOf.get(desk.account) ?? new Map<string, Kept>();
  keysOf.set(desk.account, kept);
  const digest = createHash("sha256").update(request.body).digest("hex");
  const before = kept.get(key);
  if (before && desk.clock.now() - before.at < KEY_KEPT_MS) {
    if (before.digest === digest) return before.reply;
    return resendError(
      409,
      "invalid_idempotent_request",
      "Same idempotency key used with a different request payload.",
    );
  }
  const reply = await sendNow(request, desk);
  if (reply.status === 200) kept.set(key, { at: desk.clock.now(), digest, reply });
  return reply;
}

async function sendNow({ path, json }: TwinRequest, desk: Desk): Promise<TwinReply> {
  if (path === "/emails") {
    const wrong = whatIsWrong(json);
    return wrong ?? { status: 200, body: { id: await take(json as Email, desk) } };
  }
  if (!Array.isArray(json) || json.length === 0 || json.length > 100) {
    return resendError(422, "validation_error", "The payload must be an array of 1 to 100 emails.");
  }
  for (const one of json) {
    const wrong = whatIsWrong(one);
    if (wrong) return wrong;
  }
  const data = [];
  for (const one of json) data.push({ id: await take(one as Email, desk) });
  return { status: 200, body: { data } };
}

const MAILBOX = /^(?:[^<>]*<[^@\s<>]+@[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+)$/;

function whatIsWrong(json: unknown): TwinReply | null {
  const wrong = (name: string, message: string): TwinReply => resendError(422, name, message);
  if (typeof json !== "object" || json === null)
    return resendError(400, "validation_error", "The body is no JSON object.");
  const email = json as Email;
  for (const field of ["from", "to", "subject"] as const) {
    if (!email[field]?.length) return wrong("missing_required_field", `Missing \`${field}\` field.`);
  }
  if (!email.text && !email.html && !email.template) {
    return wrong("missing_required_field", "Missing `html` or `text` field.");
  }
  if (!MAILBOX.test(email.from ?? "")) return wrong("validation_error", "Invalid `from` field.");
  for (const field of ["to", "cc", "bcc", "reply_to"] as const) {
    if (!listed(email[field]).every((one) => MAILBOX.test(one)))
      return wrong("validation_error", `Invalid \`${field}\` field.`);
  }
  if (listed(email.to).length > 50) return wrong("validation_error", "Too many recipients in `to`: at most 50.");
  const tags = email.tags ?? [];
  if (!tags.every(({ name, value }) => /^[\w-]{1,256}$/.test(name) && /^[\w-]{1,256}$/.test(value))) {
    return wrong("validation_error", "Tags should only contain ASCII letters, numbers, underscores, or dashes.");
  }
  return null;
}

const listed = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;
const bare = (one: string): string => /<([^<>]+)>\s*$/.exec(one)?.[1] ?? one.trim();

async function take(email: Email, desk: Desk): Promise<string> {
  const [to, cc, bcc] = [listed(email.to), listed(email.cc), listed(email.bcc)];
  const id = randomUUID();
  const from = email.from ?? "";
  desk.take(
    {
      from,
      recipients: [...new Set([...to, ...cc, ...bcc].map(bare))],
      subject: email.subject ?? "",
      metadata: Object.fromEntries((email.tags ?? []).map(({ name, value }) => [name, value])),
      tags: [],
      raw: await composed({
        from,
        to,
        cc,
        replyTo: listed(email.reply_to),
        subject: email.subject,
        text: email.text,
        html: email.html,
        headers: email.headers,
        attachments: (email.attachments ?? []).map((one) => ({
          content: Buffer.from(one.content ?? "", "base64"),
          filename: one.filename ?? false,
          contentType: one.content_type,
          cid: one.content_id,
        })),
      }),
      fields: { ...email },
    },
    id,
  );
  return id;
}

/** GET /emails (without text and tags) and GET /emails/{id} (with them). Null: another path. */
export function resendMessages({ method, path, query }: TwinRequest, { account }: Desk): TwinReply | null {
  if (method !== "GET") return null;
  if (path === "/emails")
    return pageOf(
      account.sent.toReversed().map((one) => shown(one, false)),
      query,
    );
  const id = /^\/emails\/([^/]+)$/.exec(path)?.[1];
  if (id === undefined) return null;
  const found = account.find(decodeURIComponent(id));
  return found ? { status: 200, body: shown(found, true) } : resendError(404, "not_found", "Email not found");
}

function shown(message: SentMessage, isWhole: boolean): { id: string } & Record<string, unknown> {
  const email = message.fields as Email;
  const [end] = [...message.ends.values()];
  const open = email.to === undefined ? [...message.recipients] : listed(email.to);
  const nullable = (list: string[]): string[] | null => (list.length === 0 ? null : list);
  return {
    id: message.id,
    to: open,
    from: message.from,
    created_at: new Date(message.at).toISOString().replace("T", " ").replace("Z", "+00"),
    subject: message.subject,
    bcc: nullable(listed(email.bcc)),
    cc: nullable(listed(email.cc)),
    reply_to: nullable(listed(email.reply_to)),
    last_event:
      end === undefined ? "sent" : end === "deferred" ? "delivery_delayed" : end === "rejected" ? "suppressed" : end,
    scheduled_at: null,
    ...(isWhole
      ? {
          object: "email",
          message_id: `<${message.id}@resend.example>`,
          html: email.html ?? null,
          text: email.text ?? null,
          tags: Object.entries(message.metadata).map(([name, value]) => ({ name, value })),
        }
      : {}),
  };
}
