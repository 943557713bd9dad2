import type { Outcome, OutcomeKind, OutcomeScope } from "../../mail/index.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { type HttpAnswer, transportOutcome } from "../http.ts";
import { recordOf, textOf } from "../json-reading.ts";
import { errorOf, type SesError } from "./errors.ts";

/** One line of the table: the first one that fits counts. What a line leaves out fits anything. */
type Row = {
  /** An x fits any digit. */
  status?: string;
  type?: RegExp;
  /** Of the message; only for what neither status nor name tells. */
  says?: RegExp;
  kind: Exclude<OutcomeKind, "accepted">;
  scope: OutcomeScope;
  cause: string;
};

/** "Sending paused for this account", "Account is paused", "Sending suspended for this account" (SES developer guide,
 * "Amazon SES email sending errors", and GoodServer issue 419; seen 2026-11-25). */
const SUSPENDED = /\b(?:suspended|terminated|deactivated|account (?:is |has been )?paused|sending (?:is )?paused)\b/i;
/** "Daily message quota exceeded." (the same page). */
const QUOTA = /\b(?:daily|24.hour)\b.{0,30}\bquota\b|\bquota\b.{0,20}\bexceeded\b/i;
/** "Message length is more than 41943040 bytes long" (seen in forum posts; the limit: "Service quotas in Amazon SES"). */
const TOO_LARGE = /\bmessage (?:length|size)\b|\btoo (?:large|long|big)\b|\blonger than\b|\bmore than \d+ bytes\b/i;

/**
 * What SendEmail answers. Names and statuses: API reference v2, "SendEmail" and "Common Errors", and the `httpError` traits
 * in @aws-sdk/client-sesv2 3.1175 (seen 2026-11-25). AWS gives one name under several statuses (ThrottlingException is 400
 * in one list and 429 in another), so names come first.
 */
const ROWS: readonly Row[] = [
  // The account.
  { type: /^AccountSuspendedException$/, kind: "rejected", scope: "account", cause: "account-suspended" },
  // Of the account (v1: AccountSendingPausedException) or of the configuration set: nothing more goes out this way.
  { type: /SendingPausedException$/, kind: "rejected", scope: "account", cause: "account-suspended" },
  { type: /^MessageRejected/, says: SUSPENDED, kind: "rejected", scope: "account", cause: "account-suspended" },
  {
    type: /^(?:LimitExceeded|TooManyRequests|Throttling)/,
    says: QUOTA,
    kind: "deferred",
    scope: "account",
    cause: "quota-exhausted",
  },
  {
    type: /^(?:TooManyRequests|Throttling|RequestThrottled|SlowDown)/,
    kind: "deferred",
    scope: "account",
    cause: "rate-limited",
  },
  { type: /^LimitExceeded/, kind: "deferred", scope: "account", cause: "quota-exhausted" },
  {
    type: /^(?:UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|ExpiredToken|InvalidToken|RequestExpired|RequestTimeTooSkewed|OptInRequired|NotAuthorized)/,
    kind: "rejected",
    scope: "account",
    cause: "auth-refused",
  },
  // Also what a key answers that AWS itself has put in quarantine, so it counts as a refused login: loud, and at once.
  { type: /^AccessDenied/, kind: "rejected", scope: "account", cause: "auth-refused" },

  // What this account can carry; another provider may.
  { type: /^MailFromDomainNotVerified/, kind: "rejected", scope: "account", cause: "sender-refused" },
  // Of the sender, or in the sandbox of a recipient: the text names identities, which are addresses, and so is not read further.
  { type: /^MessageRejected/, says: /\bnot verified\b/i, kind: "rejected", scope: "account", cause: "sender-refused" },
  {
    type: /^(?:MessageRejected|BadRequest)/,
    says: TOO_LARGE,
    kind: "rejected",
    scope: "account",
    cause: "message-too-large",
  },
  { type: /^RequestEntityTooLarge/, kind: "rejected", scope: "account", cause: "message-too-large" },
  { status: "413", kind: "rejected", scope: "account", cause: "message-too-large" },
  // The configuration set is not there (any more): no message of ours can go.
  {
    type: /^NotFoundException$|^ConfigurationSetDoesNotExist/,
    kind: "rejected",
    scope: "account",
    cause: "channel-unknown",
  },
  {
    type: /^(?:BadRequest|ValidationE|Validation$|InvalidParameter|SerializationException)/,
    kind: "rejected",
    scope: "account",
    cause: "command-refused",
  },
  { type: /^(?:UnknownOperation|InvalidAction)/, kind: "rejected", scope: "account", cause: "service-refused" },

  // The message.
  { type: /^MessageRejected/, kind: "rejected", scope: "message", cause: "message-refused" },

  // Not now.
  { type: /^ServiceUnavailable/, kind: "deferred", scope: "account", cause: "service-unavailable" },
  { status: "503", kind: "deferred", scope: "account", cause: "service-unavailable" },
  { status: "429", kind: "deferred", scope: "account", cause: "rate-limited" },
  { status: "408", kind: "deferred", scope: "message", cause: "temporary-failure" }, // RequestTimeout: it could not be read
  {
    type: /^(?:RequestTimeout|RequestAborted|ConcurrentModification)/,
    kind: "deferred",
    scope: "message",
    cause: "temporary-failure",
  },

  // No name, but a status that says enough.
  { status: "401", kind: "rejected", scope: "account", cause: "auth-refused" },
  { status: "403", kind: "rejected", scope: "account", cause: "auth-refused" },
  // InternalFailure, "unknown error, exception or failure": it does not say that the message was not taken. Nor does a proxy.
  { status: "5xx", kind: "indeterminate", scope: "message", cause: "server-error" },
];

/** What an answer to SendEmail means, for all recipients of the call: it has one answer and one id. */
export function outcomeOf(answer: HttpAnswer): Outcome {
  const lost = transportOutcome(answer);
  if (lost || answer.kind !== "answer") return lost!;
  const { status, headers, json } = answer;
  if (status === 200) return outcomeOfClaim(json, answer.body);
  const error = errorOf(headers, json);
  const row = ROWS.find((one) => fits(one, status, error));
  return {
    kind: row?.kind ?? "held",
    scope: row?.scope ?? "message",
    cause: row?.cause ?? "unknown-answer",
    replyCode: status,
    ...diagnostic(error),
  };
}

/** The id is what the claim consists of: without one, nobody could say later what became of the message. */
function outcomeOfClaim(json: unknown, body: Buffer): Outcome {
  if (json === undefined) {
    return { kind: "indeterminate", scope: "message", cause: "protocol-error", replyCode: 200, ...first(body) };
  }
  const id = textOf(recordOf(json)["MessageId"]);
  if (id === null || !/^[!-~]{1,200}$/.test(id)) {
    return { kind: "held", scope: "message", cause: "unknown-answer", replyCode: 200, ...first(body) };
  }
  return { kind: "accepted", scope: "message", cause: "accepted", replyCode: 200, providerMessageId: id };
}

const fits = (row: Row, status: number, error: SesError): boolean =>
  (row.status === undefined || new RegExp(`^${row.status.replaceAll("x", "\\d")}$`).test(String(status))) &&
  (row.type === undefined || row.type.test(error.type)) &&
  (row.says === undefined || row.says.test(ownWords(error.message)));

/** AWS repeats addresses; whoever chooses one must not choose how the answer is understood. */
const ownWords = (text: string): string =>
  text
    .split(/\s+/)
    .filter((word) => !word.includes("@"))
    .join(" ");

const diagnostic = ({ type, message }: SesError): { diagnostic?: string } => {
  const text = [type, message].filter((part) => part !== "").join(": ");
  return text === "" ? {} : { diagnostic: diagnosticOf(text) };
};

const first = (body: Buffer): { diagnostic?: string } =>
  body.length === 0 ? {} : { diagnostic: diagnosticOf(body.toString("utf8", 0, 1_000)) };
