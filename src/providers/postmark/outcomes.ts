import { foldedAddress, type Outcome, type OutcomeKind, type OutcomeScope } from "../../mail/index.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { type HttpAnswer, transportOutcome } from "../http.ts";
import { numberOf, recordOf, textOf } from "../json-reading.ts";

type Meaning = { kind: OutcomeKind; scope: OutcomeScope; cause: string };
const rejected = (cause: string, scope: OutcomeScope = "account"): Meaning => ({ kind: "rejected", scope, cause });
const deferred = (cause: string): Meaning => ({ kind: "deferred", scope: "account", cause });
const held = (cause: string, scope: OutcomeScope = "message"): Meaning => ({ kind: "held", scope, cause });
const SERVER_ERROR: Meaning = { kind: "indeterminate", scope: "message", cause: "server-error" };
const UNKNOWN = held("unknown-answer");

/**
 * `ErrorCode` of a body `{ ErrorCode, Message }` (postmarkapp.com/developer/api/overview#error-codes, seen 2026-11-25). Its
 * numbers look like HTTP statuses and are none: 401 is an unconfirmed sender, 413 an account that may not send.
 */
const CODES: Readonly<Record<number, Meaning>> = {
  10: rejected("auth-refused"), // Bad or missing API token
  100: deferred("service-unavailable"), // Maintenance
  300: rejected("message-refused", "message"), // Invalid email request
  400: rejected("sender-refused"), // Sender Signature not found
  401: rejected("sender-refused"), // Sender Signature not confirmed
  402: rejected("command-refused"), // Invalid JSON
  403: rejected("command-refused"), // Invalid request field(s)
  405: rejected("quota-exhausted"), // Not allowed to send: the account ran out of credits
  // Inactive recipient: Postmark's own list, which whoever has the account can write to. Another provider may carry it.
  406: rejected("recipient-suppressed"),
  409: rejected("command-refused"), // JSON required
  411: rejected("attachment-refused"), // Forbidden attachment type
  412: rejected("account-pending"), // While pending, recipients must share the domain of From
  413: rejected("account-suspended"), // The account is not approved to send
  422: rejected("auth-refused"), // Invalid Server or Account
  1235: rejected("channel-unknown"), // The message stream does not exist on this server
  1236: rejected("channel-unknown"), // Sending is not supported on that stream
  1480: rejected("auth-refused"), // Not authorized to send from this IP address
};

/**
 * By HTTP status, where the body has no code that is known (same page). 500: "In most cases the message is lost" means that
 * in some it is not; 503 without code 100 comes from what stands before Postmark.
 */
function meaningOfStatus(status: number): Meaning {
  if (status >= 500) return SERVER_ERROR;
  switch (status) {
    case 401:
      return rejected("auth-refused");
    case 404:
      return rejected("service-refused"); // no such path: another address than Postmark's
    case 413:
      return rejected("message-too-large"); // more than 10 MB after base64
    case 415:
      return rejected("command-refused");
    case 429:
      return deferred("rate-limited");
    default:
      // A redirect was not followed, so nothing can have been taken; anything else nobody has seen.
      return status >= 300 && status < 400 ? deferred("protocol-error") : UNKNOWN;
  }
}

/**
 * One outcome per recipient. @param recipients their addresses, in order.
 */
export function outcomesOf(answer: HttpAnswer, recipients: readonly string[]): Outcome[] {
  if (answer.kind !== "answer") {
    const lost = transportOutcome(answer)!;
    return recipients.map(() => lost);
  }
  const { status } = answer;
  const body = recordOf(answer.json);
  const code = numberOf(body["ErrorCode"]);
  const message = textOf(body["Message"]) ?? "";
  const told = (meaning: Meaning): Outcome => ({
    ...meaning,
    replyCode: status,
    ...(message === "" ? {} : { diagnostic: diagnosticOf(code === null ? message : `${code} ${message}`) }),
  });
  if (status === 200 && answer.json === undefined) {
    const unread = told({ kind: "indeterminate", scope: "message", cause: "protocol-error" });
    return recipients.map(() => unread);
  }
  if (status === 200 && code === 0) return claimsOf(message, textOf(body["MessageID"]), recipients, told);
  // 502 and 504 are spoken by what stands before Postmark, whatever a body says; a success with an error in it is none.
  const known = code === null || (status >= 500 && status !== 503) ? undefined : CODES[code];
  const outcome = told(known ?? (status >= 200 && status < 300 ? UNKNOWN : meaningOfStatus(status)));
  return recipients.map(() => outcome);
}

const INACTIVE = /^Message OK, but will not deliver to these inactive addresses: (.*?)\.?(?: Inactive |$)/s;

/**
 * What a success claims. No code tells these apart, only `Message`: "OK"; "Message OK, but will not deliver to these inactive
 * addresses: …" (fixtures of postmark.js 5.1.0 and postmark-gem, seen 2026-11-25); "Test job accepted", the answer to the
 * token POSTMARK_API_TEST, which validates and never delivers (postmark-java's MessageTest, seen 2026-11-25).
 */
function claimsOf(
  message: string,
  id: string | null,
  recipients: readonly string[],
  told: (meaning: Meaning) => Outcome,
): Outcome[] {
  const claim = (meaning: Meaning): Outcome => ({
    ...told(meaning),
    ...(id === null ? {} : { providerMessageId: id.slice(0, 200) }),
  });
  const accepted = claim({ kind: "accepted", scope: "message", cause: "accepted" });
  if (message === "Test job accepted") {
    const test = claim(held("test-mode", "account"));
    return recipients.map(() => test);
  }
  const inactive = INACTIVE.exec(message)?.[1];
  if (id !== null && message === "OK") return recipients.map(() => accepted);
  if (id === null || inactive === undefined) {
    const unknown = claim(UNKNOWN);
    return recipients.map(() => unknown);
  }
  const left = new Set(inactive.split(",").map((one) => foldedAddress(one.trim())));
  const isKnown = [...left].every((one) => recipients.some((recipient) => foldedAddress(recipient) === one));
  const suppressed = claim(isKnown ? CODES[406]! : UNKNOWN);
  return recipients.map((one) => (isKnown && !left.has(foldedAddress(one)) ? accepted : suppressed));
}
