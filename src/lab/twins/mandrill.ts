import { createHmac } from "node:crypto";
import { recordOf, textOf } from "./mandrill-fields.ts";
import type { TwinAccount, TwinEnd } from "./account.ts";
import type { Dialect, Notice, NoticeTarget, Said, TwinReply, TwinRequest } from "./dialect.ts";
import { errorReply, isNamedError, namedError } from "./mandrill-errors.ts";
import { MANDRILL_METHODS } from "./mandrill-lists.ts";
import { takeMandrill, type Twist } from "./mandrill-send.ts";

/**
 * Mandrill's API as its documents have it (specification of Mailchimp Transactional, OpenAPI document 1.1.0, the official
 * client 1.4.1, seen 2026-11-25): every call a POST with the key in its body, errors with names, and for a send one claim
 * per recipient under HTTP 200, also where nothing will be sent.
 */
const PATH = /^\/api\/(1\.\d)\/([a-z0-9-]+\/[a-z0-9-]+)(?:\.json)?$/;
const SENDS = new Set(["messages/send", "messages/send-raw"]);

/** Reasons to take a message with a 200 and keep it. */
const QUEUED = [
  "account-suspended",
  "sending-suspended",
  "sending-paused",
  "monthly-limit-reached",
  "free-trial-sends-exhausted",
  "hourly-quota-exhausted",
  "sending-backlogged",
];
const NO_REASON = "queued-without-reason";
const SUSPENDING_ERRORS = ["PoorReputation", "PaymentRequired"];
const ERRORS = ["Invalid_Key", "Unknown_Subaccount", "ValidationError", "ServiceUnavailable", "GeneralError"];
const REJECTIONS = [
  "hard-bounce",
  "soft-bounce",
  "spam",
  "unsub",
  "custom",
  "invalid-sender",
  "invalid",
  "unsigned",
  "rule",
];

export const mandrillDialect: Dialect = {
  vendor: "mandrill",
  suspensions: [...QUEUED, NO_REASON, ...SUSPENDING_ERRORS],
  refusals: [
    ...ERRORS,
    ...REJECTIONS.map((reason) => `rejected ${reason}`),
    "rejected test-mode-limit",
    "status invalid",
  ],

  seed(account, { domain }) {
    account.put("domain", { id: domain });
    account.put("sender", { id: `news@${domain}`, email: `news@${domain}` });
    account.put("setting", {
      id: "metadata postern_attempt",
      what: "metadata",
      name: "postern_attempt",
      state: "active",
    });
  },

  isSend: ({ path }) => SENDS.has(PATH.exec(path)?.[2] ?? ""),

  async answer(request, desk) {
    const [version, method] = called(request);
    if (!mayCall(request, method, desk.account)) return errorReply(namedError("Invalid_Key"), version);
    if (SENDS.has(method)) return reply(await takeMandrill(method, request.json, desk), version);
    const known = Object.hasOwn(MANDRILL_METHODS, method) ? MANDRILL_METHODS[method] : undefined;
    if (!known) return { ...errorReply(namedError("Unknown_Method"), version), status: 404 }; // no document tells
    return reply(known(recordOf(request.json), desk), version);
  },

  async say(said: Said, request, desk) {
    const [version, method] = called(request);
    if (!mayCall(request, method, desk.account)) return errorReply(namedError("Invalid_Key"), version);
    const twisted = async (twist: Twist) => reply(await takeMandrill(method, request.json, desk, twist), version);
    switch (said.mode) {
      case "429":
        return { status: 429, headers: { "content-type": "text/html" }, body: "<html>Too Many Requests</html>" };
      case "5xx":
        if (said.status === 500) return errorReply(namedError("GeneralError"), version);
        return { status: said.status, headers: { "content-type": "text/html" }, body: "<html>Bad Gateway</html>" };
      case "suspended":
        if (SUSPENDING_ERRORS.includes(said.variant)) return errorReply(namedError(said.variant), version);
        return twisted({ queued: said.variant === NO_REASON ? null : said.variant });
      case "refusal": {
        const [status = "", reason] = said.name.split(" ");
        if (status === "rejected") return twisted({ status, reason: reason ?? null });
        if (status === "status") return twisted({ status: reason ?? "", reason: null });
        return errorReply(namedError(said.name), version);
      }
    }
  },

  unknownValue: (given) => ({
    ...given,
    body: (given.body as object[]).map((claim) => ({ ...claim, status: "filed" })),
  }),

  notice(notice: Notice, target: NoticeTarget) {
    const events = JSON.stringify([eventOf(notice)]);
    const key = notice.isForged ? `not ${target.secret}` : target.secret;
    const signature = createHmac("sha1", key).update(`${target.url}mandrill_events${events}`).digest("base64");
    return {
      headers: { "content-type": "application/x-www-form-urlencoded", "x-mandrill-signature": signature },
      body: new URLSearchParams({ mandrill_events: events }).toString(),
    };
  },
};

const called = ({ path }: TwinRequest): [version: string, method: string] => {
  const match = PATH.exec(path);
  return [match?.[1] ?? "1.3", match?.[2] ?? ""];
};

/** A key can be bound to methods: one that may only read is bound to those that only read. */
function mayCall({ json }: TwinRequest, method: string, account: TwinAccount): boolean {
  const key = textOf(recordOf(json)["key"]) ?? "";
  const isReading = /\/(?:list|info|senders|domains|routes|search|tracking-domains|ping2?)$/.test(method);
  return account.apiKeys.has(key) || (isReading && account.readKeys.has(key));
}

const reply = (value: unknown, version: string): TwinReply =>
  isNamedError(value)
    ? errorReply(value, version)
    : { status: 200, body: typeof value === "string" ? JSON.stringify(value) : value };

const EVENTS: Readonly<Record<TwinEnd, string>> = {
  delivered: "delivered",
  bounced: "hard_bounce",
  complained: "spam",
  deferred: "deferral",
  rejected: "reject",
};

function eventOf({ end, message, recipient, at }: Notice): object {
  const isBounce = end === "bounced";
  return {
    event: EVENTS[end],
    _id: message.id,
    ts: Math.floor(at / 1000),
    msg: {
      ts: Math.floor(message.at / 1000),
      _id: message.id,
      state: isBounce ? "bounced" : "sent",
      subject: message.subject,
      email: recipient,
      sender: message.from,
      tags: message.tags,
      metadata: message.metadata,
      ...(isBounce ? { bounce_description: "bad_mailbox", diag: "smtp;550 5.1.1 No such mailbox" } : {}),
    },
  };
}
