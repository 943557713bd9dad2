import { createHmac } from "node:crypto";
import type { Desk, Dialect, Notice, NoticeTarget, Said, TwinReply, TwinRequest } from "./dialect.ts";
import { configurationOf, seedMailgun } from "./mailgun-configuration.ts";
import { eventDataOf, eventsOf } from "./mailgun-events.ts";
import { takeMailgun } from "./mailgun-messages.ts";

/**
 * Mailgun's API v3 and its kin, as its OpenAPI document has it (mailgun-mcp-server 78d610f, seen 2026-11-24): Basic
 * `api:key`, forms in, JSON out, refusals as `{ message }` — but for a wrong key, which gets the text "Forbidden".
 */
const json = (status: number, body: unknown): TwinReply => ({ status, body });
const FORBIDDEN: TwinReply = { status: 401, headers: { "content-type": "text/plain" }, body: "Forbidden" };

/** What stands behind "is not allowed to send", as users report it. */
const NOT_ALLOWED: Readonly<Record<string, string>> = {
  "account-disabled": "Domain DOMAIN is not allowed to send: Account disabled",
  "account-terminated": "The domain is not allowed to send: Account Terminated",
  "account-inactive": "Domain DOMAIN is not allowed to send: Account Inactivity",
  "not-allowed": "The domain is not allowed to send",
};

const REFUSALS: Readonly<Record<string, (domain: string) => TwinReply>> = {
  "recipient-invalid": () => json(400, { message: "to parameter is not a valid address. please check documentation" }),
  "bad-request": () => json(400, { message: "from parameter is missing" }),
  "payment-required": () => json(402, { message: "Payment required" }),
  "domain-unverified": (domain) =>
    json(403, {
      message: `Domain ${domain} is not allowed to send: The domain is unverified and requires DNS configuration. Log in to your control panel to view required DNS records.`,
    }),
  "domain-unknown": () => json(404, { message: "Domain not found" }),
  "too-large": () => json(413, { message: "Request Entity Too Large" }),
  "sandbox-recipient": () =>
    json(403, {
      message:
        "Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients in Account Settings.",
    }),
};

const SEND = /^\/v3\/([^/]+)\/messages(\.mime)?$/;

export const mailgunDialect: Dialect = {
  vendor: "mailgun",
  suspensions: Object.keys(NOT_ALLOWED),
  refusals: Object.keys(REFUSALS),
  seed: seedMailgun,
  isSend: ({ method, path }) => method === "POST" && SEND.test(path),

  async answer(request, desk) {
    if (!mayCall(request, desk)) return FORBIDDEN;
    const send = SEND.exec(request.path);
    if (send && request.method === "POST") {
      return takeMailgun(request, desk, { domain: decodeURIComponent(send[1]!), isMime: send[2] !== undefined });
    }
    const events = /^\/v3\/([^/]+)\/events(\/[^/]+)?$/.exec(request.path);
    if (events && request.method === "GET") return eventsOf(request, desk, decodeURIComponent(events[1]!), events[2]);
    return configurationOf(request, desk) ?? json(404, { message: "not found" });
  },

  say(said: Said, request, desk) {
    if (!mayCall(request, desk)) return FORBIDDEN;
    const domain = decodeURIComponent(SEND.exec(request.path)?.[1] ?? "");
    switch (said.mode) {
      case "429":
        return json(429, {
          message: `Domain ${domain} is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds`,
        });
      case "5xx":
        return json(said.status, { message: "Internal Server Error" });
      case "suspended":
        return json(403, {
          message: (NOT_ALLOWED[said.variant] ?? NOT_ALLOWED["not-allowed"]!).replace("DOMAIN", domain),
        });
      case "refusal":
        return REFUSALS[said.name]?.(domain) ?? json(400, { message: said.name });
    }
  },

  unknownValue: (reply) => ({ ...reply, body: { ...(reply.body as object), message: "Filed. Come again." } }),

  notice(notice: Notice, target: NoticeTarget) {
    const { message, recipient, end, at, id, isForged } = notice;
    const timestamp = String(Math.floor(at / 1000));
    const token = createHmac("sha256", "token").update(id).digest("hex").slice(0, 50);
    const key = isForged ? `not ${target.secret}` : target.secret;
    const signature = createHmac("sha256", key)
      .update(timestamp + token)
      .digest("hex");
    const body = {
      signature: { timestamp, token, signature },
      "event-data": eventDataOf(message, recipient, end, at, id),
    };
    return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  },
};

/** A key that may only read answers every GET and nothing else. */
function mayCall({ method, headers }: TwinRequest, { account }: Desk): boolean {
  const basic = /^Basic (.+)$/i.exec(headers["authorization"] ?? "")?.[1];
  const [user, key = ""] = Buffer.from(basic ?? "", "base64")
    .toString("utf8")
    .split(/:(.*)/s);
  return user === "api" && (account.apiKeys.has(key) || (method === "GET" && account.readKeys.has(key)));
}
