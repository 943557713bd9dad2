import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { REPORT_BOUNDS } from "./bounds.ts";
import { readReport } from "./index.ts";

const report = (...lines: string[]): Buffer => Buffer.from(lines.join("\r\n"));
const brief = (raw: Buffer): unknown[] =>
  readReport(raw).events.map(({ type, bounce, recipient, rejectReason }) => [type, bounce, recipient, rejectReason]);

const status = (...fields: string[]): Buffer =>
  report(
    "Return-Path: <>",
    "From: MAILER-DAEMON@mx.example.net",
    "Subject: Returned mail",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "",
    "The following addresses had permanent fatal errors.",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example.net",
    "Arrival-Date: Thu, 7 Jul 1994 17:15:49 -0400",
    "",
    ...fields,
    "",
    "--b--",
  );

test("a delivery status says its part about each recipient", () => {
  const raw = status(
    "Original-Recipient: rfc822;anna@example.org",
    "Final-Recipient: rfc822;a.b@inside.example.org",
    "Action: failed",
    "Status: 5.1.1 (user unknown)",
    "Diagnostic-Code: smtp; 550 5.1.1",
    "  no such user",
    "",
    "Final-Recipient: rfc822; <bert@example.org>",
    "Action: delayed",
    "Status: 4.4.1",
    "",
    "Final-Recipient: rfc822;carl@example.org",
    "Action: relayed",
    "Status: 2.0.0",
  );
  assert.deepEqual(brief(raw), [
    ["bounced", "hard", "anna@example.org", "invalid"],
    ["deferred", null, "bert@example.org", null],
    ["delivered", null, "carl@example.org", null],
  ]);
  const [first] = readReport(raw).events;
  assert.equal(first!.mtaResponse, "550 5.1.1 no such user");
  assert.equal(first!.at, Date.parse("1994-07-07T21:15:49Z"));
});

test("a delay stays a delay, whatever status it carries", () => {
  for (const code of ["5.1.1", "4.4.1", "5.0.0", "nonsense", ""])
    assert.deepEqual(brief(status("Final-Recipient: rfc822;a@b.example", "Action: delayed", `Status: ${code}`)), [
      ["deferred", null, "a@b.example", null],
    ]);
});

test("tried until its time was over: it has failed, and the address may be good", () => {
  const raw = status("Final-Recipient: rfc822;a@b.example", "Action: failed", "Status: 4.4.7");
  assert.deepEqual(brief(raw), [["bounced", "soft", "a@b.example", "timed_out"]]);
});

test("what the last server answered is worth more than the reporter's translation", () => {
  const full = ["Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 552 5.2.2 over quota"];
  assert.deepEqual(brief(status("Final-Recipient: rfc822;a@b.example", ...full)), [
    ["bounced", "soft", "a@b.example", "bounced"],
  ]);
});

test("words are looked at where no code says why, and only there", () => {
  const said = (code: string, text: string) =>
    status(
      "Final-Recipient: rfc822;a@b.example",
      "Action: failed",
      `Status: ${code}`,
      `Diagnostic-Code: smtp; ${text}`,
    );
  assert.deepEqual(brief(said("5.0.0", "550 user unknown")), [["bounced", "hard", "a@b.example", "invalid"]]);
  assert.deepEqual(brief(said("5.7.1", "550 user unknown")), [["bounced", "soft", "a@b.example", "blocked"]]);
  assert.deepEqual(brief(said("5.0.0", "550 go away")), [["bounced", "soft", "a@b.example", "bounced"]]);
});

test("the status is found in text, with any line ends, behind an mbox line", () => {
  const lines = [
    "From MAILER-DAEMON Thu Jan 1 00:00:00 1970",
    "From: postmaster@b.example",
    "",
    "Technical report:",
    "",
  ];
  const group = ["Final-Recipient: rfc822; a@b.example", "Action: failed", "Status: 5.1.2"];
  for (const end of ["\r\n", "\n", "\r"])
    assert.deepEqual(brief(Buffer.from([...lines, ...group].join(end))), [
      ["bounced", "hard", "a@b.example", "invalid"],
    ]);
});

const feedback = (kind: string): Buffer =>
  report(
    "From: fbl@isp.example",
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    "",
    "--b",
    "Content-Type: message/feedback-report",
    "",
    `Feedback-Type: ${kind}`,
    "Version: 1",
    "Original-Rcpt-To: <anna@example.org>",
    "Original-Rcpt-To: <bert@example.org>",
    "",
    "--b--",
  );

test("a complaint is one for each recipient it names", () => {
  assert.deepEqual(brief(feedback("abuse")), [
    ["complained", null, "anna@example.org", "spam"],
    ["complained", null, "bert@example.org", "spam"],
  ]);
});

test("a reader who says that it is no spam does not complain", () => {
  assert.deepEqual(brief(feedback("not-spam")), [["unknown", null, null, null]]);
});

const words = (header: string[], ...text: string[]): Buffer => report("Return-Path: <>", ...header, "", ...text);

test("automatic answers are that, even when they quote what sounds like a bounce", () => {
  for (const sign of [
    "Auto-Submitted: auto-replied (vacation)",
    "X-Autoreply: yes",
    "Subject: Out of office: Hello",
    "Precedence: auto_reply",
  ])
    assert.deepEqual(
      brief(
        words(
          ["From: anna@example.org", sign],
          "I am away. My old account user unknown was disabled, mail is undeliverable.",
        ),
      ),
      [["autoresponded", null, "anna@example.org", null]],
    );
});

const DAEMON = ["From: Mail Delivery System <mailer-daemon@mx.example.net>", "Auto-Submitted: auto-replied"];

test("a mail system's own words are a bounce, though it marks them as an answer", () => {
  const text = [
    "This is the qmail-send program at mx.example.net.",
    "I'm afraid I wasn't able to deliver your message.",
    "",
    "<a@b.example>:",
    "user unknown",
  ];
  assert.deepEqual(brief(words(DAEMON, ...text)), [["bounced", "hard", "a@b.example", "invalid"]]);
});

test("warnings of old systems are delays", () => {
  for (const line of [
    "Warning: could not send message for past 4 hours",
    "It has not yet been delivered. Delivery attempts will continue.",
    "Message will be retried for 2 more day(s)",
  ])
    assert.deepEqual(
      brief(words(DAEMON, line, "", "  a@b.example", "user unknown")),
      [["deferred", null, "a@b.example", null]],
      line,
    );
});

test("a text that tells of a delay and of an end is never a hard bounce", () => {
  const [event] = readReport(
    words(
      DAEMON,
      "Delivery attempts will continue, or it has failed permanently.",
      "<a@b.example>: 550 5.1.1 user unknown",
    ),
  ).events;
  assert.deepEqual([event!.type, event!.bounce], ["bounced", "soft"]);
});

test("without a recipient a bounce is never hard", () => {
  const [event] = readReport(words(DAEMON, "Your message could not be delivered: user unknown.")).events;
  assert.deepEqual([event!.type, event!.bounce, event!.recipient], ["bounced", "soft", null]);
});

test("what people write is no report", () => {
  const raw = report(
    "Return-Path: <bert@example.org>",
    "From: bert@example.org",
    "Subject: Re: hello",
    "",
    "My user was not found, can you help? a@b.example",
  );
  assert.deepEqual(readReport(raw).events, []);
  assert.equal(readReport(Buffer.alloc(0)).kind, "none");
});

test("a returned message does not speak for the report", () => {
  const raw = words(
    DAEMON,
    "Your message could not be delivered to a@b.example.",
    "",
    "--- Below this line is a copy of the message.",
    "",
    "<victim@c.example>: 550 5.1.1 user unknown",
  );
  assert.deepEqual(
    readReport(raw).events.map(({ recipient }) => recipient),
    ["a@b.example"],
  );
});

test("any octets are read, without a throw, and hostile ones in bounded time and number", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom(
        "",
        "From: mailer-daemon@a\n\nYour message could not be delivered.\n",
        "Content-Type: multipart/report; boundary=a\n\n--a\n",
      ),
      (octets, lead) => {
        readReport(Buffer.concat([Buffer.from(lead), octets]));
      },
    ),
  );
  const deep = "Content-Type: multipart/mixed; boundary=a\n\n--a\n".repeat(20_000);
  const hostile = [
    deep,
    `${deep}${"--a\n".repeat(100_000)}`,
    `From: mailer-daemon@a\n\nYour message could not be delivered.\n${"a@b.example ".repeat(90_000)}`,
    `From: mailer-daemon@a\n\nYour message could not be delivered.\n${"<a@b.example>: user ".repeat(50_000)}`,
    `From: mailer-daemon@a\n\nYour message could not be delivered.\n${"user ".repeat(200_000)}`,
    `From: mailer-daemon@a\n\nYour message could not be delivered.\n${"4.1.".repeat(250_000)}`,
    `From: mailer-daemon@a\n\nYour message could not be delivered.\n${"host a. ".repeat(120_000)}`,
    `Content-Type: text/html\nFrom: postmaster@a\n\nYour message could not be delivered.\n${"<p ".repeat(300_000)}`,
    `Content-Type: message/delivery-status\n\n${"Final-Recipient: rfc822;a@b.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: user host\n\n".repeat(9_000)}`,
    `Subject: ${"=?utf-8?q?a?= ".repeat(60_000)}\n\n`,
    `${"a: b\n".repeat(200_000)}\n`,
  ];
  for (const text of hostile) {
    const began = process.cpuUsage();
    const { events } = readReport(Buffer.from(text));
    const ms = process.cpuUsage(began).user / 1_000;
    assert.ok(events.length <= REPORT_BOUNDS.recipients, `${events.length} events of ${text.slice(0, 60)}`);
    assert.ok(ms < 2_000, `${ms} ms for ${JSON.stringify(text.slice(0, 60))}`);
  }
});
