import { apiContract } from "./api-contract.ts";
import { deferred, indeterminate, rejected } from "./provider-contract.ts";

apiContract({
  vendor: "mailgun",
  settings: { domain: "account.acme.example" },
  takesFields: false,
  logSettlesMs: 15_000,
  refusals: {
    "recipient-invalid": { outcome: rejected("recipient-refused", "message"), taken: 0 },
    "bad-request": { outcome: rejected("command-refused", "account"), taken: 0 },
    "payment-required": { outcome: rejected("payment-required", "account"), taken: 0 },
    "domain-unverified": { outcome: rejected("domain-unverified", "account"), taken: 0 },
    "domain-unknown": { outcome: deferred("domain-unknown"), taken: 0 },
    "too-large": { outcome: rejected("message-too-large", "account"), taken: 0 },
    "sandbox-recipient": { outcome: rejected("not-permitted", "account"), taken: 0 },
  },
  serverError: indeterminate("server-error"),
  intruderSeenIn: ["key", "suppression", "webhook"],
});
