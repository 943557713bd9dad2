import { foldedAddress, type Outcome, type OutcomeKind, type OutcomeScope } from "../../mail/index.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { type HttpAnswer, transportOutcome } from "../http.ts";
import { type JsonRecord, listOf, recordOf, textOf } from "../json-reading.ts";
import { errorName } from "./api.ts";

type Meaning = { kind: OutcomeKind; scope: OutcomeScope; cause: string };
const accepted: Meaning = { kind: "accepted", scope: "message", cause: "accepted" };
const held = (cause: string, scope: OutcomeScope = "account"): Meaning => ({ kind: "held", scope, cause });
const rejected = (cause: string, scope: OutcomeScope = "account"): Meaning => ({ kind: "rejected", scope, cause });
const deferred = (cause: string): Meaning => ({ kind: "deferred", scope: "account", cause });
const indeterminate = (cause: string): Meaning => ({ kind: "indeterminate", scope: "message", cause });
const UNKNOWN = held("unknown-answer", "message");

/**
 * What HTTP 200 says of one recipient, as `status/reason`: a 200 is no promise. Words: messages/send in the OpenAPI
 * document of Mailchimp Transactional and the typings of its clients (`queued_reason`, `reject_reason`), which send-raw
 * shares (its response is the same schema). Seen 2026-11-25. A word that is not here is `held`.
 */
const CLAIMS: Readonly<Record<string, Meaning>> = {
  sent: accepted,
  // Its way of working, not a refusal: attachments are looked at first, several recipients are taken apart first.
  "queued/attachments": accepted,
  "queued/multiple-recipients": accepted,
  // Taken, and not sent; perhaps days later, when somebody lets the queue go.
  "queued/account-suspended": held("account-suspended"),
  "queued/sending-suspended": held("account-suspended"),
  "queued/sending-paused": held("sending-paused"),
  "queued/monthly-limit-reached": held("quota-exhausted"),
  "queued/free-trial-sends-exhausted": held("quota-exhausted"),
  "queued/hourly-quota-exhausted": held("quota-exhausted"),
  "queued/sending-backlogged": held("sending-backlogged"),
  // We name no time and ask for no background sending: nobody knows why it would wait.
  queued: held("queued-without-reason", "message"),
  scheduled: held("scheduled", "message"),
  invalid: rejected("mailbox-unavailable", "recipient"),
  "rejected/invalid": rejected("mailbox-unavailable", "recipient"),
  "rejected/hard-bounce": rejected("mailbox-unavailable", "recipient"),
  // Its denylist. Complaints and unsubscriptions are the recipient's own word.
  "rejected/spam": rejected("suppressed-by-provider", "recipient"),
  "rejected/unsub": rejected("suppressed-by-provider", "recipient"),
  // Put there by hand or after a passing fault: whoever has the account can silence people so; another provider may carry it.
  "rejected/custom": rejected("not-permitted"),
  "rejected/soft-bounce": rejected("not-permitted"),
  "rejected/rule": rejected("not-permitted"),
  "rejected/unsigned": rejected("sender-refused"),
  "rejected/invalid-sender": rejected("sender-refused"),
  "rejected/test-mode-limit": rejected("quota-exhausted"),
};

/** Named errors (mandrillapp.com/api/docs, "Errors" of messages/send-raw; mandrill-api-php's list). Seen 2026-11-25. */
const ERRORS: Readonly<Record<string, Meaning>> = {
  Invalid_Key: rejected("auth-refused"),
  PaymentRequired: rejected("payment-required"),
  PoorReputation: rejected("account-suspended"), // "The user's reputation is too low to continue."
  Unknown_Subaccount: rejected("channel-unknown"),
  ValidationError: rejected("command-refused"), // what this API does not take another one may
  ServiceUnavailable: deferred("service-unavailable"), // "The subsystem providing this API call is down for maintenance."
  GeneralError: indeterminate("server-error"), // "An unexpected error occurred processing the request": at which step?
};

/** Answers without a known name: proxies in front of the API, and the API of tomorrow. An x fits any digit. */
const STATUSES: readonly (readonly [form: string, meaning: Meaning])[] = [
  ["401", rejected("auth-refused")],
  ["402", rejected("payment-required")],
  ["403", rejected("auth-refused")],
  ["413", rejected("message-too-large")],
  ["429", deferred("rate-limited")],
  ["503", deferred("service-unavailable")], // RFC 9110 §15.6.4: not able to handle the request at the moment
  ["5xx", indeterminate("server-error")],
  ["3xx", deferred("protocol-error")], // never followed, so it went nowhere
];

/** One outcome per address, in their order. */
export function outcomesOf(answer: HttpAnswer, addresses: readonly string[]): Outcome[] {
  if (answer.kind !== "answer") return addresses.map(() => transportOutcome(answer)!);
  const { status, json } = answer;
  if (status < 200 || status > 299) return addresses.map(() => outcomeOfError(status, json));
  if (json === undefined) {
    return addresses.map(() => ({ ...indeterminate("protocol-error"), replyCode: status }));
  }
  const told = new Map<string, JsonRecord>();
  for (const one of listOf(json).map(recordOf)) {
    const email = textOf(one["email"]);
    if (email !== null) told.set(foldedAddress(email), one);
  }
  return addresses.map((address) => outcomeOfClaim(status, told.get(foldedAddress(address)) ?? {}));
}

function outcomeOfClaim(httpStatus: number, told: JsonRecord): Outcome {
  const status = textOf(told["status"]) ?? "";
  // Each reason belongs to its own status; the other one is null, or left over.
  const reason = textOf(told[status === "queued" ? "queued_reason" : "reject_reason"]);
  const words = reason === null || status === "sent" || status === "invalid" ? status : `${status}/${reason}`;
  const meaning = httpStatus === 200 ? meaningIn(CLAIMS, words) : undefined;
  const id = textOf(told["_id"]);
  return {
    ...(meaning ?? UNKNOWN),
    replyCode: httpStatus,
    ...(id !== null && /^[!-~]{1,200}$/.test(id) ? { providerMessageId: id } : {}),
    ...(words === "" ? {} : { diagnostic: diagnosticOf(words) }),
  };
}

function outcomeOfError(status: number, json: unknown): Outcome {
  const name = errorName(json);
  const byName = name === null ? undefined : meaningIn(ERRORS, name);
  const byStatus = STATUSES.find(([form]) =>
    [0, 1, 2].every((at) => form[at] === "x" || form[at] === String(status)[at]),
  );
  const message = textOf(recordOf(json)["message"]);
  const words = [name, message].filter((one) => one !== null).join(": ");
  return {
    ...(byName ?? byStatus?.[1] ?? UNKNOWN),
    replyCode: status,
    ...(words === "" ? {} : { diagnostic: diagnosticOf(words) }),
  };
}

const meaningIn = (table: Readonly<Record<string, Meaning>>, word: string): Meaning | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;
