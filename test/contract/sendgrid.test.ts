import { apiContract } from "./api-contract.ts";
import { deferred, rejected } from "./provider-contract.ts";

apiContract({
  vendor: "sendgrid",
  takesFields: true,
  logSettlesMs: 120_000,
  suspensions: {
    "under-review": { outcome: rejected("account-suspended", "account"), taken: 0 },
    forbidden: { outcome: rejected("auth-refused", "account"), taken: 0 },
    "key-revoked": { outcome: rejected("auth-refused", "account"), taken: 0 },
    "credits-exceeded": { outcome: rejected("quota-exhausted", "account"), taken: 0 },
  },
  refusals: {
    "sender-unverified": { outcome: rejected("sender-refused", "account"), taken: 0 },
    "recipient-invalid": { outcome: rejected("recipient-refused", "recipient"), taken: 0 },
    "bad-request": { outcome: rejected("command-refused", "account"), taken: 0 },
    "too-large": { outcome: rejected("message-too-large", "account"), taken: 0 },
    unavailable: { outcome: deferred("service-unavailable"), taken: 0 },
    sandbox: { outcome: { kind: "held", scope: "message", cause: "not-sent" }, taken: 0 },
    "not-found": { outcome: rejected("service-refused", "account"), taken: 0 },
  },
  intruderSeenIn: ["export", "key", "sender", "suppression", "webhook"],
});
