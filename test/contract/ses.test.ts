import { SES_ACCESS_KEY_ID, SES_CONFIGURATION_SET } from "../../src/lab/twins/ses.ts";
import { apiContract } from "./api-contract.ts";
import { deferred, rejected } from "./provider-contract.ts";

apiContract({
  vendor: "ses",
  settings: { accessKeyId: SES_ACCESS_KEY_ID, region: "eu-central-1", channel: SES_CONFIGURATION_SET },
  takesFields: false,
  refusals: {
    "not-verified": { outcome: rejected("sender-refused", "account"), taken: 0 },
    "mail-from-not-verified": { outcome: rejected("sender-refused", "account"), taken: 0 },
    "message-refused": { outcome: rejected("message-refused", "message"), taken: 0 },
    "too-large": { outcome: rejected("message-too-large", "account"), taken: 0 },
    quota: { outcome: deferred("quota-exhausted"), taken: 0 },
    throttled: { outcome: deferred("rate-limited"), taken: 0 },
    "key-unknown": { outcome: rejected("auth-refused", "account"), taken: 0 },
    "access-denied": { outcome: rejected("auth-refused", "account"), taken: 0 },
    unavailable: { outcome: deferred("service-unavailable"), taken: 0 },
  },
  // Keys are IAM's, and no call of SES lists them.
  intruderSeenIn: ["export", "sender", "suppression", "webhook"],
});
