import type { Outcome, OutcomeKind, OutcomeScope } from "../../mail/index.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { type HttpAnswer, transportOutcome } from "../http.ts";
import { listOf, recordOf, textOf } from "../json-reading.ts";

/** One line of the table: the first one that fits counts. What a line leaves out fits anything. */
type Row = {
  /** An x fits any digit. */
  status: string;
  /** The part of the request an error names. */
  field?: RegExp;
  /** SendGrid has no error codes: its own words, where a status alone does not tell. */
  says?: RegExp;
  kind: Exclude<OutcomeKind, "accepted">;
  scope: OutcomeScope;
  cause: string;
};

/** "Your account is temporarily under review", "You are not authorized to access SendGrid, please contact Support"
 * (sendgrid/docs issue 5985, sendgrid-nodejs issue 1176); states of an account: activated, deactivated, suspended, banned,
 * indeterminate (account provisioning API). Seen 2026-11-25. */
const SUSPENDED =
  /\b(?:suspended|under review|frozen|deactivated|terminated|banned|not authorized to access sendgrid)\b|\baccount\b.{0,40}\b(?:disabled|blocked|locked|closed)\b/i;
/** "Maximum credits exceeded" (sendgrid-nodejs issue 1032; "4XX API errors", support.sendgrid.com; seen 2026-11-25). */
const CREDITS = /\bcredits? exceeded\b|\bexceeded your messaging limits\b/i;

/**
 * What POST /v3/mail/send answers. Statuses and the shape of errors: OpenAPI of the v3 Mail Send API (400, 401, 403, 404,
 * 405, 413, 500); "4XX API errors and troubleshooting suggestions"; "Mail Send errors". Seen 2026-11-25.
 */
const ROWS: readonly Row[] = [
  // The account.
  { status: "401", says: CREDITS, kind: "rejected", scope: "account", cause: "quota-exhausted" },
  { status: "401", says: SUSPENDED, kind: "rejected", scope: "account", cause: "account-suspended" },
  { status: "403", says: SUSPENDED, kind: "rejected", scope: "account", cause: "account-suspended" },
  // "The provided authorization grant is invalid, expired, or revoked".
  { status: "401", kind: "rejected", scope: "account", cause: "auth-refused" },
  // "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved."
  { status: "403", field: /^from\b/, kind: "rejected", scope: "account", cause: "sender-refused" },
  { status: "403", says: /\bsender identity\b/i, kind: "rejected", scope: "account", cause: "sender-refused" },
  // "access forbidden": the key may not send, or the account is under review and says no more. Loud, and at once.
  { status: "403", kind: "rejected", scope: "account", cause: "auth-refused" },
  // No such place: baseUrl leads somewhere else.
  { status: "404", kind: "rejected", scope: "account", cause: "service-refused" },
  { status: "405", kind: "rejected", scope: "account", cause: "service-refused" },

  // What SendGrid can carry; another provider may.
  { status: "413", kind: "rejected", scope: "account", cause: "message-too-large" },
  { status: "400", field: /^from\b/, kind: "rejected", scope: "account", cause: "sender-refused" },
  { status: "400", kind: "rejected", scope: "account", cause: "command-refused" },
  { status: "406", kind: "rejected", scope: "account", cause: "command-refused" },
  { status: "415", kind: "rejected", scope: "account", cause: "command-refused" },

  // Not now.
  { status: "429", kind: "deferred", scope: "account", cause: "rate-limited" },
  { status: "408", kind: "deferred", scope: "message", cause: "temporary-failure" },
  { status: "503", kind: "deferred", scope: "account", cause: "service-unavailable" }, // "not available"
  // "An error occurred on a SendGrid server": not that nothing was taken. Nor does a proxy that gave up waiting say so.
  { status: "5xx", kind: "indeterminate", scope: "message", cause: "server-error" },

  // Sandbox mode answers so: valid, and not sent (v3 Mail Send, "sandbox_mode").
  { status: "200", kind: "held", scope: "message", cause: "not-sent" },
  { status: "3xx", kind: "rejected", scope: "account", cause: "service-refused" },
];

type SaidError = { message: string; field: string };

/** `personalizations.0.to.1.email`: which address is meant. */
const RECIPIENT_FIELD = /^personalizations\.\d+\.(to|cc|bcc)\.(\d+)\b/;

/**
 * One outcome per recipient.
 * @param placeOf where each recipient stands in the request: `to.0`, `bcc.3`.
 */
export function outcomesOf(answer: HttpAnswer, placeOf: readonly string[]): Outcome[] {
  const refused = answer.kind === "answer" && answer.status === 400 ? refusedPlaces(errorsOf(answer.json)) : new Map();
  if (refused.size === 0) return placeOf.map(() => outcomeOf(answer));
  // The request is refused whole; those it does not speak of were not sent to either, and may be at once, without the others.
  return placeOf.map((place) => {
    const said = refused.get(place) as string | undefined;
    return said === undefined
      ? { kind: "deferred", scope: "recipient", cause: "other-recipient-refused", replyCode: 400 }
      : { kind: "rejected", scope: "recipient", cause: "recipient-refused", replyCode: 400, diagnostic: said };
  });
}

function refusedPlaces(errors: readonly SaidError[]): Map<string, string> {
  const places = errors.map(({ field, message }) => [RECIPIENT_FIELD.exec(field), diagnosticOf(message)] as const);
  // Where something else is wrong too, leaving out a recipient would not help.
  if (places.some(([place]) => place === null)) return new Map();
  return new Map(places.map(([place, said]) => [`${place![1]}.${place![2]}`, said]));
}

export function outcomeOf(answer: HttpAnswer): Outcome {
  const lost = transportOutcome(answer);
  if (lost || answer.kind !== "answer") return lost!;
  const { status } = answer;
  if (status === 202) return outcomeOfClaim(answer);
  const errors = errorsOf(answer.json);
  const row = ROWS.find((one) => fits(one, status, errors));
  const said = errors.map(({ message, field }) => (field === "" ? message : `${field}: ${message}`)).join("; ");
  return {
    kind: row?.kind ?? "held",
    scope: row?.scope ?? "message",
    cause: row?.cause ?? "unknown-answer",
    replyCode: status,
    ...(said === "" ? first(answer.body) : { diagnostic: diagnosticOf(said) }),
  };
}

/** A 202 has no body, and the id is what the claim consists of: without one, nobody could say later what became of it. */
function outcomeOfClaim(answer: Extract<HttpAnswer, { kind: "answer" }>): Outcome {
  const { body, json, headers } = answer;
  if (body.length > 0 && json === undefined) {
    return { kind: "indeterminate", scope: "message", cause: "protocol-error", replyCode: 202, ...first(body) };
  }
  const id = headers["x-message-id"];
  if (Object.keys(recordOf(json)).length > 0 || id === undefined || !/^[!-~]{1,200}$/.test(id)) {
    return { kind: "held", scope: "message", cause: "unknown-answer", replyCode: 202, ...first(body) };
  }
  return { kind: "accepted", scope: "message", cause: "accepted", replyCode: 202, providerMessageId: id };
}

/** `{ errors: [{ message, field, help }] }`; older parts of the API give texts alone. */
export const errorsOf = (json: unknown): SaidError[] =>
  listOf(recordOf(json)["errors"])
    .slice(0, 50)
    .map((one) => ({
      message: (typeof one === "string" ? one : textOf(recordOf(one)["message"])) ?? "",
      field: textOf(recordOf(one)["field"]) ?? "",
    }));

const fits = (row: Row, status: number, errors: readonly SaidError[]): boolean =>
  new RegExp(`^${row.status.replaceAll("x", "\\d")}$`).test(String(status)) &&
  (row.field === undefined || errors.some(({ field }) => row.field!.test(field))) &&
  (row.says === undefined || errors.some(({ message }) => row.says!.test(ownWords(message))));

/** Whoever chooses an address must not choose how an answer that repeats it is understood. */
const ownWords = (text: string): string =>
  text
    .split(/\s+/)
    .filter((word) => !word.includes("@"))
    .join(" ");

const first = (body: Buffer): { diagnostic?: string } =>
  body.length === 0 ? {} : { diagnostic: diagnosticOf(body.toString("utf8", 0, 1_000)) };
