import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SMTP_VENDORS, type SmtpVendor } from "../../config/index.ts";
import { outcomeOf, type Stage } from "./outcomes.ts";
import { answersOf, vendorOf } from "./vendors.ts";

test("a vendor is known by the host of its relay", () => {
  const hosts: [string, SmtpVendor | null][] = [
    ["smtp.sendgrid.net", "sendgrid"],
    ["smtp.eu.sendgrid.net", "sendgrid"],
    ["smtp.mandrillapp.com", "mandrill"],
    ["email-smtp.eu-central-1.amazonaws.com", "ses"],
    ["email-smtp-fips.us-east-1.amazonaws.com", "ses"],
    ["smtp.eu.mailgun.org", "mailgun"],
    ["smtp-broadcasts.postmarkapp.com", "postmark"],
    ["smtp.resend.com", "resend"],
    ["smtp-relay.brevo.com", "brevo"],
    ["IN-V3.mailjet.com", "mailjet"],
    ["smtp.sparkpostmail.com", "sparkpost"],
    ["smtp.mailersend.net", "mailersend"],
    ["live.smtp.mailtrap.io", "mailtrap"],
    ["smtp.go2.unisender.ru", "unisender-go"],
    ["smtp.sendgrid.net.evil.test", null],
    ["mail.harbour.example", null],
  ];
  for (const [host, vendor] of hosts) assert.equal(vendorOf(host), vendor, host);
  // Postal is run by everybody himself.
  const known = SMTP_VENDORS.filter((vendor) => vendor !== "postal");
  assert.deepEqual(new Set(hosts.flatMap(([, vendor]) => vendor ?? [])), new Set(known));
});

/** Vendor, command, reply → kind, scope, cause. */
const ANSWERS: [SmtpVendor, Stage, number, string, string][] = [
  ["sendgrid", "auth", 451, "Authentication failed: Maximum credits exceeded", "deferred account quota-exhausted"],
  [
    "sendgrid",
    "text",
    403,
    "You are not authorized to send from that email address",
    "rejected account sender-refused",
  ],
  [
    "sendgrid",
    "text",
    550,
    "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.",
    "rejected account sender-refused",
  ],
  ["sendgrid", "auth", 535, "Your account is temporarily under review", "rejected account account-suspended"],
  [
    "mailgun",
    "text",
    421,
    "Domain mg.acme.example is not allowed to send: Please activate your Mailgun account.",
    "deferred account account-suspended",
  ],
  [
    "mailgun",
    "text",
    550,
    "5.7.1 The domain is not allowed to send: Account Terminated",
    "rejected account account-suspended",
  ],
  ["mailgun", "data", 554, "Your account is temporarily disabled", "rejected account account-suspended"],
  [
    "brevo",
    "text",
    502,
    "5.7.0 Your SMTP account is not yet activated. Please contact us to request activation",
    "rejected account account-suspended",
  ],
  ["brevo", "mail", 502, "5.7.0 Please authenticate first", "rejected account not-permitted"],
  ["ses", "text", 454, "Throttling failure: Maximum sending rate exceeded.", "deferred account rate-limited"],
  ["ses", "text", 454, "Throttling failure: Daily message quota exceeded.", "deferred account quota-exhausted"],
  ["ses", "text", 554, "Message rejected: Email address is not verified.", "rejected account sender-refused"],
  ["ses", "text", 554, "Message rejected: Sending paused for this account.", "rejected account account-suspended"],
  ["ses", "text", 554, "Account is paused", "rejected account account-suspended"],
  ["ses", "text", 554, "Sending suspended for this account", "rejected account account-suspended"],
  [
    "ses",
    "text",
    554,
    "Access denied: User `arn:aws:iam::1:user/postern' is not authorized to perform `ses:SendRawEmail'",
    "rejected account auth-refused",
  ],
  ["sparkpost", "text", 550, "5.7.1 Unconfigured Sending Domain <demo.example.com>", "rejected account sender-refused"],
  [
    "resend",
    "text",
    550,
    "The acme.example domain is not verified. Please, add and verify your domain.",
    "rejected account sender-refused",
  ],
  ["resend", "text", 450, "You have reached your daily email sending quota.", "deferred account quota-exhausted"],
  ["mailjet", "text", 550, "Sender not allowed", "rejected account sender-refused"],
  ["mailjet", "auth", 535, "5.7.8 Error: authentication failed: account blocked", "rejected account account-suspended"],
  ["postmark", "text", 550, "Your account is pending approval", "rejected account account-suspended"],
];

describe("what a vendor's relay says of the account is no verdict on a message", () => {
  for (const [vendor, stage, code, text, expected] of ANSWERS) {
    test(`${vendor}: ${code} ${text}`, () => {
      const { kind, scope, cause } = answersOf(vendor)(stage, { code, text });
      assert.equal(`${kind} ${scope} ${cause}`, expected);
    });
  }
});

test("what is said of a recipient, of one message, or nothing at all is read as everywhere", () => {
  const replies: [Stage, number, string][] = [
    ["rcpt", 550, "5.1.1 The account is disabled"],
    ["rcpt", 452, "4.2.2 over quota"],
    ["text", 554, "5.6.0 Unsupported file type"],
    ["text", 550, "5.6.0 JSON parsing error in X-MSYS-API"],
    ["text", 451, "try again later"],
    ["text", 250, "Ok: queued as 12"],
  ];
  for (const vendor of SMTP_VENDORS) {
    for (const [stage, code, text] of replies) {
      assert.deepEqual(
        answersOf(vendor)(stage, { code, text }),
        outcomeOf(stage, { code, text }),
        `${vendor}: ${text}`,
      );
    }
  }
  assert.equal(answersOf(null), outcomeOf);
});
