import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { checkSubmission } from "../../src/accept/checks.ts";
import { stamped } from "../../src/accept/stamp.ts";
import { DEFAULT_LIMITS } from "../../src/config/index.ts";
import { type Header, foldedAddress, parseMailbox, readHeader } from "../../src/mail/index.ts";
import { tenantsOf } from "../../src/tenancy/index.ts";
import { fuzzRuns } from "../support/fuzz-runs.ts";
import { TEST_TENANT, submission } from "../support/mail-path.ts";
import { testData } from "../support/test-data.ts";

/** Whole messages at the accept stage: whatever comes, it is judged soon, and what is taken reads the same everywhere. */
const tenant = tenantsOf([TEST_TENANT]).find("acme")!;
const BUDGET_MS = 200;
const RSS_BOUND_BYTES = 300 * 1024 * 1024;

const fieldName = fc.constantFrom(
  "From",
  "from",
  "To",
  "Cc",
  "Bcc",
  "Sender",
  "Reply-To",
  "Subject",
  "Date",
  "Message-ID",
  "Return-Path",
  "Received",
  "X-Postern-Stream",
  "X-Postern-Id",
  "X-Postern-Attempt",
  "Content-Type",
  "Content-Transfer-Encoding",
  "MIME-Version",
  "X",
  "",
  " ",
  "X Y",
);
const fieldValue = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "app@acme.test",
      "Jane <app@acme.test>",
      '"a, b" <app@acme.test>',
      "app@acme.test, other@evil.test",
      "<@evil.test:app@acme.test>",
      "by postern.test (Postern) with ESMTP id 1; now",
      "security",
      "nowhere",
      "text/plain",
      "multipart/mixed; boundary=b",
      'multipart/mixed; boundary="b\\"c"',
      "multipart/mixed",
      "multipart/alternative; boundary=b; boundary=c",
      "message/rfc822",
      "<1@acme.test>",
      "=?utf-8?q?=0D=0ABcc:_x@evil.test?=",
      "7bit",
      "base64",
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 60 }) },
);
const lineEnd = fc.constantFrom("\r\n", "\r\n", "\r\n", "\r\n", "\r\n ", "\n", "\r", "\r\n\t");
const field = fc
  .tuple(fieldName, fc.constantFrom(":", ": ", " :", "", "::"), fieldValue, lineEnd)
  .map((parts) => parts.join(""));
const body = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "--b",
        "--b--",
        "--c",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        ".",
        "From: x@evil.test",
        "text",
      ),
      fc.string({ maxLength: 30 }),
    ),
    { maxLength: 12 },
  )
  .map((lines) => lines.map((one) => `${one}\r\n`).join(""));
/** Half of them begin as a good message does, so that many come through to the end. */
const message = fc
  .tuple(
    fc.constantFrom("", "From: app@acme.test\r\n"),
    fc.array(field, { maxLength: 8 }),
    fc.constantFrom("\r\n", ""),
    body,
  )
  .map(([first, fields, gap, text]) => Buffer.from(first + fields.join("") + gap + text, "utf8"));

test("any message is judged within its budget; one that is taken has the author we saw, and leaves with our fields alone", async () => {
  const slow: number[] = [];
  let taken = 0;
  const rssBefore = process.memoryUsage.rss();
  await fc.assert(
    fc.asyncProperty(message, async (raw) => {
      const startedAt = performance.now();
      const checked = checkSubmission({ ...submission(), raw, door: "http" }, tenant, DEFAULT_LIMITS, "postern.test");
      slow.push(performance.now() - startedAt);
      if ("code" in checked) {
        assert.match(checked.code, /^[a-z0-9-]+$/);
        assert.match(checked.publicMessage, /^[\x20-\x7e§]+$/);
        return;
      }
      taken += 1;
      assert.ok(tenant.owns(parseMailbox(checked.author)!.domain));
      const out = stamped(raw, checked.header, FACTS).raw;
      const again = readHeader(out, { headerBytes: 100_000, headerFields: 300 }) as Header;
      const names = again.fields.map((one) => one.name);
      assert.deepEqual(names.slice(0, 2), ["received", "x-postern-id"]);
      for (const gone of ["bcc", "return-path", "x-postern-stream", "x-postern-attempt"])
        assert.ok(!names.includes(gone), gone);
      for (const once of ["x-postern-id", "message-id", "date"])
        assert.equal(names.filter((one) => one === once).length, 1, once);
      assert.ok(out.subarray(again.bodyStart).equals(raw.subarray(checked.header.bodyStart)), "the body is as it came");
      const { from } = await PostalMime.parse(out);
      if (from?.address !== undefined && !hasSender(checked.header))
        assert.equal(foldedAddress(from.address), foldedAddress(checked.author));
    }),
    { numRuns: fuzzRuns(5) },
  );
  const worst = Math.max(...slow);
  assert.ok(worst <= BUDGET_MS, `${Math.round(worst)} ms`);
  assert.ok(process.memoryUsage.rss() - rssBefore < RSS_BOUND_BYTES);
  assert.ok(taken > fuzzRuns(5) / 50, `only ${taken} were taken`);
});

const FACTS = {
  spoolId: "01957a10-2f40-7abc-8def-0123456789ab",
  hostname: "postern.test",
  door: "http",
  needsSmtputf8: false,
  acceptedAt: 0,
} as const;
const hasSender = (header: Header): boolean => header.fields.some((one) => one.name === "sender");

const torture = testData("smtp-mime", "open");
test(
  "torture mails, cut and damaged at random places, are judged within the budget as well",
  { skip: torture.skip },
  () => {
    const mails = globSync("**/*.eml", { cwd: torture.folder }).map((file) =>
      asOurs(readFileSync(path.join(torture.folder, file), "latin1")),
    );
    assert.ok(mails.length > 40);
    const place = fc.noBias(fc.nat(1_000_000)).map((n) => n / 1_000_000);
    const codes = new Map<string, number>();
    let worst = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...mails),
        fc.array(fc.tuple(place, fc.integer({ min: 0x20, max: 0xff })), { maxLength: 4 }),
        fc.oneof(fc.constant(1), place),
        (mail, damage, cut) => {
          const raw = Buffer.from(mail.subarray(0, Math.ceil(cut * mail.length)));
          for (const [where, octet] of damage) {
            const at = Math.min(raw.length - 1, Math.floor(where * raw.length));
            if (raw[at] !== 0x0d && raw[at] !== 0x0a) raw[at] = octet; // else it ends at the first look
          }
          const startedAt = performance.now();
          const checked = checkSubmission(
            { ...submission(), raw, door: "http" },
            tenant,
            DEFAULT_LIMITS,
            "postern.test",
          );
          worst = Math.max(worst, performance.now() - startedAt);
          const code = "code" in checked ? checked.code : "taken";
          codes.set(code, (codes.get(code) ?? 0) + 1);
        },
      ),
      { numRuns: fuzzRuns(2) },
    );
    assert.ok(worst <= BUDGET_MS, `${Math.round(worst)} ms`);
    assert.ok(codes.get("taken")! > fuzzRuns(2) / 10, JSON.stringify([...codes]));
  },
);

/** With CRLF, and with an author who may send here, so that it is read to its end. */
function asOurs(mail: string): Buffer {
  const text = mail.replaceAll(/\r?\n/g, "\r\n").replaceAll("\0", "");
  const [header, ...rest] = text.split("\r\n\r\n");
  const kept = header!.replaceAll(/^(?:from|sender)[ \t]*:.*(?:\r\n[ \t].*)*(?:\r\n)?/gim, "");
  return Buffer.from([`From: app@acme.test\r\n${kept}`, ...rest].join("\r\n\r\n"), "latin1");
}
