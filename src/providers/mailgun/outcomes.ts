import type { Outcome, OutcomeKind, OutcomeScope } from "../../mail/index.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { type HttpAnswer, transportOutcome } from "../http.ts";
import { recordOf, textOf } from "../json-reading.ts";
import { bracketed } from "./event-data.ts";

type Row = {
  /** An x fits any digit. */
  status: string;
  /** Mailgun has no codes below the status, only sentences: read where a status says too little. */
  says?: RegExp;
  kind: OutcomeKind;
  scope: OutcomeScope;
  cause: string;
};

/**
 * Answers to POST /v3/{domain}/messages.mime; the first line that fits counts. Sources: Mailgun's OpenAPI document
 * (mailgun-mcp-server 78d610f) and "API Response Codes" (documentation.mailgun.com), seen 2026-11-24; the sentences
 * behind "is not allowed to send:" as users report them (Account disabled, Account Terminated, Account Inactivity, Please
 * activate your Mailgun account, The domain is unverified and requires DNS configuration), seen 2026-11-24.
 */
const ROWS: readonly Row[] = [
  { status: "401", kind: "rejected", scope: "account", cause: "auth-refused" }, // the text "Forbidden", no JSON
  { status: "402", kind: "rejected", scope: "account", cause: "payment-required" },
  {
    status: "4xx",
    says: /limit exceeded|try again (?:after|later)/i,
    kind: "deferred",
    scope: "account",
    cause: "rate-limited",
  },
  { status: "429", kind: "deferred", scope: "account", cause: "rate-limited" },
  {
    status: "4xx",
    says: /\bunverified\b|DNS configuration/i,
    kind: "rejected",
    scope: "account",
    cause: "domain-unverified",
  },
  // Free accounts may write to five addresses of their own: of this provider and this recipient, not of the account's standing.
  { status: "4xx", says: /sandbox|authorized recipients/i, kind: "rejected", scope: "account", cause: "not-permitted" },
  { status: "4xx", says: /not allowed to send/i, kind: "rejected", scope: "account", cause: "account-suspended" },
  { status: "403", kind: "rejected", scope: "account", cause: "auth-refused" },
  // "This one can be temporal as our system is an eventually-consistent system."
  { status: "404", kind: "deferred", scope: "account", cause: "domain-unknown" },
  { status: "413", kind: "rejected", scope: "account", cause: "message-too-large" },
  {
    status: "400",
    says: /'?to'? parameter is not a valid address/i,
    kind: "rejected",
    scope: "message",
    cause: "recipient-refused",
  },
  // What this API does not take another one may.
  { status: "400", kind: "rejected", scope: "account", cause: "command-refused" },
  // Users report 5xx for messages that were sent (feedback.mailgun.com, seen 2026-11-24): asked for before anything is repeated.
  { status: "5xx", kind: "indeterminate", scope: "message", cause: "server-error" },
];

/** One call, one answer, for all recipients of the call. */
export function outcomeOf(answer: HttpAnswer): Outcome {
  if (answer.kind !== "answer") return transportOutcome(answer)!;
  const { status, json, body } = answer;
  const message = textOf(recordOf(json)["message"]) ?? body.toString("utf8", 0, 1_000);
  if (status >= 200 && status < 300) return outcomeOfClaim(status, json, message);
  const row = ROWS.find((one) => fits(one.status, status) && (one.says === undefined || one.says.test(message)));
  return {
    kind: row?.kind ?? "held",
    scope: row?.scope ?? "message",
    cause: row?.cause ?? "unknown-answer",
    replyCode: status,
    ...(message === "" ? {} : { diagnostic: diagnosticOf(message) }),
  };
}

const fits = (form: string, status: number): boolean => {
  const text = String(status);
  return text.length === form.length && [...form].every((one, at) => one === "x" || one === text[at]);
};

/** All that is known of success is `{ id, message: "Queued. Thank you." }` with 200. */
function outcomeOfClaim(status: number, json: unknown, message: string): Outcome {
  const id = bracketed(textOf(recordOf(json)["id"]));
  const base = {
    replyCode: status,
    ...(message === "" ? {} : { diagnostic: diagnosticOf(message) }),
    ...(id === null ? {} : { providerMessageId: id.slice(0, 200) }),
  };
  if (json === undefined) return { kind: "indeterminate", scope: "message", cause: "protocol-error", ...base };
  const isKnown = status === 200 && id !== null && /^Queued\. Thank you\.?$/.test(message);
  if (isKnown) return { kind: "accepted", scope: "message", cause: "accepted", ...base };
  const doubt = DOUBTS.find((one) => one.says.test(message));
  return { kind: "held", scope: doubt?.scope ?? "message", cause: doubt?.cause ?? "unknown-answer", ...base };
}

/** None of them has been seen with a 200; should one come, it is understood at once. */
const DOUBTS: readonly { says: RegExp; scope: OutcomeScope; cause: string }[] = [
  { says: /not allowed to send|suspended|disabled|terminated/i, scope: "account", cause: "account-suspended" },
  { says: /paused/i, scope: "account", cause: "sending-paused" },
];
