import { apiContract } from "./api-contract.ts";
import { deferred, type Expected, indeterminate, rejected } from "./provider-contract.ts";

const held = (cause: string, scope: Expected["scope"] = "account") => ({
  outcome: { kind: "held", scope, cause } as const,
  taken: 1,
});
const refused = (outcome: Expected) => ({ outcome, taken: 0 });

apiContract({
  vendor: "mandrill",
  takesFields: false,
  scenes: {
    "recipient unknown": { fault: { mode: "refusal", name: "status invalid" } },
    "one of two recipients refused": { fault: { mode: "refusal", name: "rejected hard-bounce" } },
    "account suspended, said before the text": { fault: { mode: "suspended", variant: "PoorReputation" } },
    "queued, but suspended": { fault: { mode: "suspended", variant: "account-suspended" } },
    "queued, but paused": { fault: { mode: "suspended", variant: "sending-paused" } },
  },
  suspensions: {
    "account-suspended": held("account-suspended"),
    "sending-suspended": held("account-suspended"),
    "sending-paused": held("sending-paused"),
    "monthly-limit-reached": held("quota-exhausted"),
    "free-trial-sends-exhausted": held("quota-exhausted"),
    "hourly-quota-exhausted": held("quota-exhausted"),
    "sending-backlogged": held("sending-backlogged"),
    "queued-without-reason": held("queued-without-reason", "message"),
    PaymentRequired: refused(rejected("payment-required", "account")),
  },
  refusals: {
    Invalid_Key: refused(rejected("auth-refused", "account")),
    Unknown_Subaccount: refused(rejected("channel-unknown", "account")),
    ValidationError: refused(rejected("command-refused", "account")),
    ServiceUnavailable: refused(deferred("service-unavailable")),
    GeneralError: refused(indeterminate("server-error")),
    "rejected hard-bounce": refused(rejected("mailbox-unavailable", "recipient")),
    "rejected soft-bounce": refused(rejected("not-permitted", "account")),
    "rejected spam": refused(rejected("suppressed-by-provider", "recipient")),
    "rejected unsub": refused(rejected("suppressed-by-provider", "recipient")),
    "rejected custom": refused(rejected("not-permitted", "account")),
    "rejected invalid-sender": refused(rejected("sender-refused", "account")),
    "rejected invalid": refused(rejected("mailbox-unavailable", "recipient")),
    "rejected unsigned": refused(rejected("sender-refused", "account")),
    "rejected rule": refused(rejected("not-permitted", "account")),
    "rejected test-mode-limit": refused(rejected("quota-exhausted", "account")),
    "status invalid": refused(rejected("mailbox-unavailable", "recipient")),
  },
  intruderSeenIn: ["export", "sender", "suppression", "webhook"],
});
