import type { Desk, Dialect, Said, TwinReply, TwinRequest } from "./dialect.ts";
import { activityOf } from "./sendgrid-activity.ts";
import { configurationOf, seedSendgrid } from "./sendgrid-configuration.ts";
import {
  AUTHORIZATION_REQUIRED,
  FORBIDDEN,
  GRANT_INVALID,
  NOT_FOUND,
  refusal,
  SENDER_UNVERIFIED,
} from "./sendgrid-errors.ts";
import { takeSendgrid } from "./sendgrid-messages.ts";
import { sendgridNotice } from "./sendgrid-notice.ts";

/**
 * Twilio SendGrid's v3 Web API: a bearer key, JSON both ways, refusals as a list of errors without codes (OpenAPI files of
 * twilio/sendgrid-oai dbe0e0d; "4XX API errors"; "Mail Send errors"; seen 2026-11-25).
 */
const SUSPENSIONS: Readonly<Record<string, TwinReply>> = {
  // As users saw it while their accounts were under review (sendgrid-nodejs issue 1176).
  "under-review": refusal(403, "You are not authorized to access SendGrid, please contact Support."),
  // The same without a reason: what remains when a key or an account may no longer send.
  forbidden: FORBIDDEN,
  "key-revoked": GRANT_INVALID,
  "credits-exceeded": refusal(401, "Maximum credits exceeded"),
};

const REFUSALS: Readonly<Record<string, TwinReply>> = {
  "sender-unverified": SENDER_UNVERIFIED,
  "recipient-invalid": refusal(400, "Does not contain a valid address.", "personalizations.0.to.0.email"),
  "bad-request": refusal(400, "Bad Request"),
  "too-large": refusal(413, "content too large"),
  unavailable: refusal(503, "service unavailable"),
  sandbox: { status: 200, body: "" },
  "not-found": NOT_FOUND,
};

export const sendgridDialect: Dialect = {
  vendor: "sendgrid",
  suspensions: Object.keys(SUSPENSIONS),
  refusals: Object.keys(REFUSALS),
  seed: seedSendgrid,
  isSend: ({ method, path }) => method === "POST" && path === "/v3/mail/send",

  answer(request, desk) {
    const refused = refusedCaller(request, desk) ?? refusedAccount(desk);
    if (refused) return refused;
    if (this.isSend(request)) return takeSendgrid(request, desk);
    return activityOf(request, desk.account) ?? configurationOf(request, desk) ?? NOT_FOUND;
  },

  say(said, request, desk) {
    return refusedCaller(request, desk) ?? sayOf(said);
  },

  unknownValue: (reply) => ({
    ...reply,
    headers: { ...reply.headers, "content-type": "application/json" },
    body: { queued_reason: "of-a-new-kind" },
  }),
  notice: sendgridNotice,
};

function refusedCaller({ method, path, headers }: TwinRequest, { account }: Desk): TwinReply | null {
  const key = /^Bearer (.+)$/.exec(headers["authorization"] ?? "")?.[1];
  if (key === undefined) return AUTHORIZATION_REQUIRED;
  if (account.apiKeys.has(key)) return null;
  if (!account.readKeys.has(key)) return GRANT_INVALID;
  return method === "GET" || path === "/v3/logs" ? null : FORBIDDEN;
}

/** An account without credits can still be looked at; the others cannot. */
const refusedAccount = ({ account }: Desk): TwinReply | null =>
  account.suspension === null || account.suspension === "credits-exceeded"
    ? null
    : (SUSPENSIONS[account.suspension] ?? FORBIDDEN);

function sayOf(said: Said): TwinReply {
  switch (said.mode) {
    case "429":
      return {
        ...refusal(429, "too many requests"),
        headers: { "x-ratelimit-limit": "600", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795564860" },
      };
    case "5xx":
      return refusal(said.status, "internal server error");
    case "suspended":
      return SUSPENSIONS[said.variant] ?? FORBIDDEN;
    case "refusal":
      return REFUSALS[said.name] ?? NOT_FOUND;
  }
}
