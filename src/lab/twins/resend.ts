/**
 * Resend as its OpenAPI document (resend-openapi fd6f395) and API reference have it (resend.com/docs, seen 2026-11-25):
 * Bearer keys, JSON, errors `{ statusCode, name, message }`, lists `{ object, has_more, data }`, an Idempotency-Key kept for
 * a day, notices signed as Svix does.
 */
import { createHmac } from "node:crypto";
import type { TwinEnd } from "./account.ts";
import type { Desk, Dialect, Notice, NoticeTarget, Said, TwinReply, TwinRequest } from "./dialect.ts";
import { resendConfiguration, seedResend } from "./resend-configuration.ts";
import { resendError } from "./resend-error.ts";
import { resendMessages, sendResend } from "./resend-messages.ts";

const SUSPENSIONS: Readonly<Record<string, () => TwinReply>> = {
  "key-suspended": () => resendError(403, "suspended_api_key", "This API key is suspended"),
};

const REFUSALS: Readonly<Record<string, () => TwinReply>> = {
  "daily-quota": () => resendError(429, "daily_quota_exceeded", "You have reached your daily email sending quota."),
  "monthly-quota": () =>
    resendError(429, "monthly_quota_exceeded", "You have reached your monthly email sending quota."),
  "key-restricted": () => resendError(403, "restricted_api_key", "API key is not active"),
  "permission-missing": () => resendError(403, "invalid_permission", "Access token is missing required scopes."),
  "domain-unverified": () =>
    resendError(
      403,
      "validation_error",
      "The account.acme.example domain is not verified. Please, add and verify your domain.",
    ),
  "testing-only": () =>
    resendError(
      403,
      "validation_error",
      "You can only send testing emails to your own email address (owner@acme.example).",
    ),
  "invalid-field": () => resendError(422, "validation_error", "Invalid `to` field."),
  "invalid-sender": () => resendError(422, "invalid_from_address", "Invalid `from` field."),
  "invalid-attachment": () =>
    resendError(422, "invalid_attachment", "Attachment must have either a `content` or `path`."),
  "key-used-for-another": () =>
    resendError(409, "invalid_idempotent_request", "Same idempotency key used with a different request payload."),
  "same-in-progress": () =>
    resendError(
      409,
      "concurrent_idempotent_requests",
      "Same idempotency key used while original request is still in progress.",
    ),
  "security-error": () => resendError(451, "security_error", "We may have found a security issue with the request."),
  "too-large": () => ({ status: 413, headers: { "content-type": "text/plain" }, body: "Payload Too Large" }),
  "unknown-name": () => resendError(418, "short_and_stout", "I am a teapot."),
};

const isSend = ({ method, path }: TwinRequest): boolean =>
  method === "POST" && (path === "/emails" || path === "/emails/batch");

export const resendDialect: Dialect = {
  vendor: "resend",
  suspensions: Object.keys(SUSPENSIONS),
  refusals: Object.keys(REFUSALS),
  seed: seedResend,
  isSend,

  answer(request, desk) {
    const refusal = refusedKey(request, desk);
    if (refusal !== null) return refusal;
    if (isSend(request)) return sendResend(request, desk);
    if (desk.account.suspension !== null) return suspended(desk.account.suspension);
    return (
      resendMessages(request, desk) ??
      resendConfiguration(request, desk) ??
      resendError(404, "not_found", "The requested endpoint does not exist.")
    );
  },

  say(said: Said, request, desk) {
    const refusal = refusedKey(request, desk);
    if (refusal !== null) return refusal;
    switch (said.mode) {
      case "429":
        return {
          ...resendError(429, "rate_limit_exceeded", "Too many requests. You can only make 5 requests per second."),
          headers: { "ratelimit-limit": "5", "ratelimit-remaining": "0", "ratelimit-reset": "1", "retry-after": "1" },
        };
      case "5xx":
        return resendError(
          said.status,
          "application_error",
          "Internal server error. We are unable to process your request.",
        );
      case "suspended":
        return suspended(said.variant);
      case "refusal":
        return REFUSALS[said.name]?.() ?? resendError(400, "validation_error", said.name);
    }
  },

  unknownValue: (reply) => ({ ...reply, body: { ...(reply.body as object), status: "considered" } }),

  notice(notice: Notice, target: NoticeTarget) {
    const body = JSON.stringify(contentOf(notice));
    const timestamp = String(Math.floor(notice.at / 1000));
    const id = `msg_${notice.id}`;
    const key = Buffer.from(target.secret.replace(/^whsec_/, ""), "base64");
    const signature = createHmac("sha256", notice.isForged ? "another key" : key)
      .update(`${id}.${timestamp}.${body}`)
      .digest("base64");
    return {
      headers: {
        "content-type": "application/json",
        "svix-id": id,
        "svix-timestamp": timestamp,
        "svix-signature": `v1,${signature}`,
      },
      body,
    };
  },
};

const suspended = (variant: string): TwinReply => (SUSPENSIONS[variant] ?? SUSPENSIONS["key-suspended"]!)();

/** A key with sending access may send and do nothing else; the lab's key for the gateway has full access. */
function refusedKey({ method, headers }: TwinRequest, { account }: Desk): TwinReply | null {
  const key = /^Bearer +(\S+)$/i.exec(headers["authorization"] ?? "")?.[1];
  if (key === undefined) return resendError(401, "missing_api_key", "Missing API Key");
  if (account.apiKeys.has(key) || (method === "GET" && account.readKeys.has(key))) return null;
  return resendError(403, "invalid_api_key", "API key is invalid");
}

const TYPES: Readonly<Record<TwinEnd, string>> = {
  delivered: "email.delivered",
  bounced: "email.bounced",
  complained: "email.complained",
  deferred: "email.delivery_delayed",
  rejected: "email.suppressed",
};

function contentOf({ end, message, recipient, at }: Notice): object {
  const diagnosticCode = ["smtp; 550 5.1.1 user unknown"];
  return {
    type: TYPES[end],
    created_at: new Date(at).toISOString(),
    data: {
      email_id: message.id,
      created_at: new Date(message.at).toISOString(),
      from: message.from,
      to: [recipient],
      subject: message.subject,
      tags: message.metadata,
      ...(end === "bounced"
        ? {
            bounce: {
              type: "Permanent",
              subType: "General",
              message: "The recipient's server sent a hard bounce.",
              diagnosticCode,
            },
          }
        : {}),
      ...(end === "rejected"
        ? {
            suppressed: {
              type: "OnAccountSuppressionList",
              reason: "previous_bounce",
              message: "Suppressed.",
              diagnosticCode,
            },
          }
        : {}),
    },
  };
}
