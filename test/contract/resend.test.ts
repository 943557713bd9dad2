import { apiContract } from "./api-contract.ts";
import { deferred, indeterminate, rejected } from "./provider-contract.ts";

const refused = (cause: string) => ({ outcome: rejected(cause, "account"), taken: 0 });

apiContract({
  vendor: "resend",
  takesFields: true,
  refusals: {
    "daily-quota": { outcome: deferred("quota-exhausted"), taken: 0 },
    "monthly-quota": { outcome: deferred("quota-exhausted"), taken: 0 },
    "key-restricted": refused("auth-refused"),
    "permission-missing": refused("auth-refused"),
    "domain-unverified": refused("domain-unverified"),
    "testing-only": refused("not-permitted"),
    "invalid-field": refused("command-refused"),
    "invalid-sender": refused("sender-refused"),
    "invalid-attachment": refused("attachment-refused"),
    "key-used-for-another": { outcome: indeterminate("idempotency-clash"), taken: 0 },
    "same-in-progress": { outcome: indeterminate("idempotency-clash"), taken: 0 },
    "security-error": refused("not-permitted"),
    "too-large": refused("message-too-large"),
    "unknown-name": { outcome: { kind: "held", scope: "message", cause: "unknown-answer" }, taken: 0 },
  },
  intruderSeenIn: ["domain", "key", "suppression", "tracking", "webhook"],
});
