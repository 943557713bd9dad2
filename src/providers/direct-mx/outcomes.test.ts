import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS_OF_THE_PROVIDER, type Stage } from "../smtp/outcomes.ts";
import { outcomeOfReceiver } from "./outcomes.ts";

const means = (stage: Stage, text: string): string => {
  const { kind, scope, cause } = outcomeOfReceiver(stage, { code: Number(text.slice(0, 3)), text: text.slice(4) });
  return `${kind} ${scope} ${cause}`;
};

/** Texts as receivers send them; where they are documented: outcomes.ts. */
const SAID: [stage: Stage, text: string, meaning: string][] = [
  [
    "greeting",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "rejected account sending-address-refused",
  ],
  [
    "rcpt",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "rejected account sending-address-refused",
  ],
  [
    "mail",
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
    "rejected account sending-address-refused",
  ],
  ["rcpt", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "rejected account sending-address-refused"],
  [
    "text",
    "550 5.7.515 Access denied, sending domain ACME.EXAMPLE doesn't meet the required authentication level.",
    "rejected account sender-unauthenticated",
  ],
  [
    "text",
    "550-5.7.26 Your email has been blocked because the sender is unauthenticated.",
    "rejected account sender-unauthenticated",
  ],
  [
    "text",
    "421 4.7.26 Your email has been rate limited because it is unauthenticated",
    "deferred recipient sender-unauthenticated",
  ],
  [
    "text",
    "550 5.7.25 The IP address sending this message does not have a PTR record",
    "rejected account sending-address-refused",
  ],
  ["text", "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail", "deferred recipient rate-limited"],
  [
    "greeting",
    "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
    "deferred recipient rate-limited",
  ],
  [
    "greeting",
    "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1",
    "rejected account sending-address-refused",
  ],
  ["text", "554 5.7.9 Message not accepted for policy reasons.", "rejected message policy-refused"],
  ["text", "550 5.7.1 This message is likely unsolicited mail.", "rejected message policy-refused"],
  ["mail", "421 4.7.0 TLS required for RCPT domain, closing connection", "rejected account tls-required"],
  ["mail", "530 5.7.0 Must issue a STARTTLS command first", "rejected account tls-required"],
  ["mail", "530 5.7.0 Authentication required", "rejected account not-permitted"],
  ["rcpt", "450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/", "deferred recipient greylisted"],
  ["rcpt", "550 5.2.1 The email account that you tried to reach is disabled", "rejected recipient mailbox-unavailable"],
  [
    "rcpt",
    "550 5.1.1 The email account that you tried to reach does not exist",
    "rejected recipient mailbox-unavailable",
  ],
  ["rcpt", "556 5.1.10 Recipient address has a null MX", "rejected recipient mailbox-unavailable"],
  ["rcpt", "452 4.2.2 The email account is over quota", "deferred recipient mailbox-full"],
  ["greeting", "521 5.3.2 This host does not accept mail", "deferred recipient service-unavailable"],
  ["greeting", "550 Go away", "rejected account sending-address-refused"],
  ["text", "451 4.3.0 Try again later", "deferred recipient temporary-failure"],
  ["text", "250 2.6.0 <id@acme.example> Queued mail for delivery", "accepted message accepted"],
  ["text", "250 2.0.0 Message quarantined", "accepted message accepted"],
  ["text", "250 5.0.0 Perhaps", "held recipient unknown-answer"],
  ["text", "299 Perhaps", "held recipient unknown-answer"],
];

test("what receivers say means this", () => {
  for (const [stage, text, meaning] of SAID) assert.equal(means(stage, text), meaning, text);
});

test("no answer of one receiver speaks against all that is sent directly", () => {
  const stages: Stage[] = ["greeting", "hello", "tls", "mail", "rcpt", "data", "text"];
  for (const stage of stages) {
    for (let code = 200; code < 600; code += 1) {
      for (const words of ["", "5.7.1 account suspended", "4.7.1 throttled", "5.5.1 no", "5.7.8 auth", "paused"]) {
        const outcome = outcomeOfReceiver(stage, { code, text: words });
        const isLimit = outcome.kind === "rejected" && LIMITS_OF_THE_PROVIDER.has(outcome.cause);
        assert.ok(outcome.scope !== "account" || isLimit, `${stage} ${code} ${words}: ${outcome.cause}`);
      }
    }
  }
});
