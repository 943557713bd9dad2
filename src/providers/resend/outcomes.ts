import type { Outcome, OutcomeKind, OutcomeScope } from "../../mail/index.ts";
import { diagnosticOf } from "../diagnostic.ts";
import { type HttpAnswer, transportOutcome } from "../http.ts";
import { recordOf, textOf } from "../json-reading.ts";

type Row = {
  status?: number;
  /** Of `{ statusCode, name, message }`. */
  name?: string;
  /** Only where one name stands for several things. */
  says?: RegExp;
  kind: OutcomeKind;
  scope: OutcomeScope;
  cause: string;
};
const account = (cause: string): Pick<Row, "kind" | "scope" | "cause"> => ({
  kind: "rejected",
  scope: "account",
  cause,
});
const later = (cause: string): Pick<Row, "kind" | "scope" | "cause"> => ({ kind: "deferred", scope: "account", cause });
const unclear = (cause: string): Pick<Row, "kind" | "scope" | "cause"> => ({
  kind: "indeterminate",
  scope: "message",
  cause,
});

/**
 * Answers to POST /emails by status and name; the first line that fits counts. Resend API reference, "Errors" and
 * "Idempotency Keys" (resend.com/docs, seen 2026-11-25), and the names in its client 6.38.0.
 */
const ROWS: readonly Row[] = [
  { name: "suspended_api_key", ...account("account-suspended") },
  { status: 403, says: /\b(?:suspended|deactivated|disabled)\b/i, ...account("account-suspended") },
  { name: "missing_api_key", ...account("auth-refused") },
  { name: "invalid_api_key", ...account("auth-refused") },
  { name: "restricted_api_key", ...account("auth-refused") }, // 401: may do other things; 403: is not active
  { name: "invalid_permission", ...account("auth-refused") },
  { status: 403, name: "validation_error", says: /testing emails/i, ...account("not-permitted") },
  {
    status: 403,
    name: "validation_error",
    says: /not verified|verify a domain|domain/i,
    ...account("domain-unverified"),
  },
  { name: "rate_limit_exceeded", ...later("rate-limited") },
  { name: "daily_quota_exceeded", ...later("quota-exhausted") },
  { name: "monthly_quota_exceeded", ...later("quota-exhausted") },
  { status: 429, ...later("rate-limited") },
  // The attempt's key has been used: something went under it, and what has to be found out.
  { name: "invalid_idempotent_request", ...unclear("idempotency-clash") },
  { name: "concurrent_idempotent_requests", ...unclear("idempotency-clash") },
  { name: "invalid_from_address", ...account("sender-refused") },
  // "We may have found a security issue with the request": of this message at this provider.
  { name: "security_error", ...account("not-permitted") },
  { status: 413, ...account("message-too-large") },
  // What this API does not take another one may.
  { name: "validation_error", ...account("command-refused") },
  { name: "missing_required_field", ...account("command-refused") },
  { name: "invalid_parameter", ...account("command-refused") },
  { name: "invalid_attachment", ...account("attachment-refused") },
  { name: "invalid_idempotency_key", ...account("command-refused") },
  { name: "not_found", ...account("command-refused") },
  { name: "method_not_allowed", ...account("command-refused") },
];

export function outcomeOf(answer: HttpAnswer): Outcome {
  if (answer.kind !== "answer") return transportOutcome(answer)!;
  const { status, json, body } = answer;
  const said = recordOf(json);
  const name = textOf(said["name"]);
  const message = textOf(said["message"]) ?? (json === undefined ? body.toString("utf8", 0, 1_000) : "");
  const diagnostic = [name, message].filter((one) => one !== null && one !== "").join(": ");
  const base = { replyCode: status, ...(diagnostic === "" ? {} : { diagnostic: diagnosticOf(diagnostic) }) };
  if (status >= 200 && status < 300) return { ...outcomeOfClaim(status, json), ...base };
  if (status >= 500) return { ...unclear("server-error"), ...base };
  const row = ROWS.find(
    (one) =>
      (one.status === undefined || one.status === status) &&
      (one.name === undefined || one.name === name) &&
      (one.says === undefined || one.says.test(message)),
  );
  if (!row) return { kind: "held", scope: "message", cause: "unknown-answer", ...base };
  return { kind: row.kind, scope: row.scope, cause: row.cause, ...base };
}

/** All that is known of success is `{ id }` with 200 (`object` beside it in some answers). */
function outcomeOfClaim(status: number, json: unknown): Outcome {
  if (json === undefined) return unclear("protocol-error");
  const { id, ...others } = recordOf(json);
  const providerMessageId = textOf(id)?.slice(0, 200);
  const isKnown = status === 200 && Object.keys(others).every((name) => name === "object");
  if (providerMessageId === undefined || !isKnown) {
    const known = providerMessageId === undefined ? {} : { providerMessageId };
    return { kind: "held", scope: "message", cause: "unknown-answer", ...known };
  }
  return { kind: "accepted", scope: "message", cause: "accepted", providerMessageId };
}
