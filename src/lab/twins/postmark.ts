/**
 * Postmark as its developer pages describe it (postmarkapp.com/developer, seen 2026-11-25): server and account tokens, one
 * error shape `{ ErrorCode, Message }`, the email, messages, server, streams and webhooks APIs. Texts of answers are those
 * of the pages, or of the fixtures of postmark.js 5.1.0 where the pages give none.
 */
import type { TwinAccount } from "./account.ts";
import type { Desk, Dialect, Said, TwinReply, TwinRequest } from "./dialect.ts";
import { postmarkLists } from "./postmark-lists.ts";
import { postmarkNotice } from "./postmark-notice.ts";
import { sendEmail } from "./postmark-send.ts";

/** Variants of "this account may not send": code and text. */
const SUSPENSIONS: Readonly<Record<string, { status: number; code: number; message: string }>> = {
  "account-may-not-send": { status: 422, code: 413, message: "This account is not approved to send email." },
  "account-pending": {
    status: 422,
    code: 412,
    message:
      "While your account is pending approval, all recipient addresses must share the same domain as the 'From' address.",
  },
  "no-credits": { status: 422, code: 405, message: "Not allowed to send. You ran out of credits." },
  "token-revoked": { status: 401, code: 10, message: "Bad or missing Server API token." },
  "server-gone": { status: 422, code: 422, message: "Invalid Server or Account." },
};
/** Answers "OK", queues, and shows the message in no list: seen with an account that was unused for months (2025-10-01). */
const SILENT = "paused-in-silence";

const REFUSALS: Readonly<Record<string, { status: number; code?: number; message: string }>> = {
  "sender-not-found": { status: 422, code: 400, message: "Sender signature not found." },
  "sender-not-confirmed": { status: 422, code: 401, message: "Sender signature not confirmed." },
  "invalid-request": { status: 422, code: 300, message: "Invalid 'To' address: 'rcpt0@example.net'." },
  "inactive-recipient": {
    status: 422,
    code: 406,
    message:
      "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: rcpt0@example.net. " +
      "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression.",
  },
  "forbidden-attachment": { status: 422, code: 411, message: "Attachment file type not allowed." },
  "unknown-stream": { status: 422, code: 1235, message: "The stream provided: 'x' does not exist on this server." },
  "ip-not-allowed": { status: 422, code: 1480, message: "You are not authorized to send emails from your IP address." },
  maintenance: { status: 503, code: 100, message: "Maintenance" },
  "too-large": { status: 413, message: "Payload Too Large" },
  "unknown-code": { status: 422, code: 9_999, message: "Something new." },
};
const TEST_TOKEN = "test-token";

export const postmarkError = (status: number, code: number | undefined, message: string): TwinReply => ({
  status,
  headers: code === undefined ? {} : { "x-pm-apierrorcode": String(code) },
  body: code === undefined ? { Message: message } : { ErrorCode: code, Message: message },
});

/** Header names and token values are case-insensitive. */
function refusedToken(request: TwinRequest, account: TwinAccount): TwinReply | null {
  const isAccounts = /^\/(?:senders|domains|servers)\b/.test(request.path);
  const token = request.headers[isAccounts ? "x-postmark-account-token" : "x-postmark-server-token"] ?? "";
  if ((isAccounts ? account.readKeys : account.apiKeys).has(token)) return null;
  return postmarkError(401, 10, `The ${isAccounts ? "Account" : "Server"} token you provided is invalid.`);
}

export const postmark: Dialect = {
  vendor: "postmark",
  suspensions: [...Object.keys(SUSPENSIONS), SILENT],
  refusals: [...Object.keys(REFUSALS), TEST_TOKEN],

  seed(account, { domain }) {
    account.put("domain", { id: domain });
    account.put("sender", { id: `news@${domain}`, confirmed: true });
    account.put("setting", { id: "outbound", type: "Transactional" });
    account.put("setting", { id: "inbound", type: "Inbound" });
  },

  isSend: ({ method, path }) => method === "POST" && path === "/email",

  answer(request, desk) {
    const refused = refusedToken(request, desk.account);
    if (refused) return refused;
    if (this.isSend(request)) return sendEmail(request, desk);
    return postmarkLists(request, desk) ?? postmarkError(404, undefined, "The requested resource was not found.");
  },

  async say(said, request, desk) {
    const refused = refusedToken(request, desk.account);
    return refused ?? (await spoken(said, request, desk));
  },

  unknownValue: (reply) => ({ ...reply, body: { ...(reply.body as object), Message: "Message pondered" } }),

  notice: postmarkNotice,
};

async function spoken(said: Said, request: TwinRequest, desk: Desk): Promise<TwinReply> {
  switch (said.mode) {
    case "429":
      return postmarkError(429, undefined, "Rate limit exceeded.");
    case "5xx":
      return postmarkError(said.status, undefined, "Internal Server Error");
    case "suspended": {
      const known = SUSPENSIONS[said.variant];
      if (known) return postmarkError(known.status, known.code, known.message);
      return sendEmail(request, desk, "held");
    }
    case "refusal": {
      const known = REFUSALS[said.name];
      if (known) return postmarkError(known.status, known.code, known.message);
      const body = {
        To: "",
        SubmittedAt: "",
        MessageID: crypto.randomUUID(),
        ErrorCode: 0,
        Message: "Test job accepted",
      };
      return { status: 200, body };
    }
  }
}
