import { Secret } from "../../src/kernel/index.ts";
import { apiContract } from "./api-contract.ts";
import { accepted, deferred, type Expected, rejected } from "./provider-contract.ts";

const untaken = (outcome: Expected) => ({ outcome, taken: 0 });
const heldFor = (cause: string, scope: Expected["scope"]): Expected => ({ kind: "held", scope, cause });

apiContract({
  vendor: "postmark",
  // Of Postmark's two tokens the account's shows senders and domains.
  settings: { readKey: new Secret("lab-read-key-of-postmark") },
  takesFields: true,
  suspensions: {
    "account-pending": untaken(rejected("account-pending", "account")),
    "no-credits": untaken(rejected("quota-exhausted", "account")),
    "token-revoked": untaken(rejected("auth-refused", "account")),
    "server-gone": untaken(rejected("auth-refused", "account")),
    // It says "OK": no answer can tell; canaries and missing notices do.
    "paused-in-silence": { outcome: accepted, taken: 1 },
  },
  refusals: {
    "sender-not-found": untaken(rejected("sender-refused", "account")),
    "sender-not-confirmed": untaken(rejected("sender-refused", "account")),
    "invalid-request": untaken(rejected("message-refused", "message")),
    "inactive-recipient": untaken(rejected("recipient-suppressed", "account")),
    "forbidden-attachment": untaken(rejected("attachment-refused", "account")),
    "unknown-stream": untaken(rejected("channel-unknown", "account")),
    "ip-not-allowed": untaken(rejected("auth-refused", "account")),
    maintenance: untaken(deferred("service-unavailable")),
    "too-large": untaken(rejected("message-too-large", "account")),
    "unknown-code": untaken(heldFor("unknown-answer", "message")),
    "test-token": untaken(heldFor("test-mode", "account")),
  },
  intruderSeenIn: ["sender", "key", "webhook", "suppression"],
});
