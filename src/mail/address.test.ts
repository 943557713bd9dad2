import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import nodemailerParser from "nodemailer/lib/addressparser";
import { addressParser as postalParser } from "postal-mime";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { asciiDomain, foldedAddress, parseMailbox } from "./address.ts";

test("usual addresses are read into their parts; the domain in small letters", () => {
  assert.deepEqual(parseMailbox("Jane.Doe+tag@Mail.Example.COM"), {
    localPart: "Jane.Doe+tag",
    domain: "mail.example.com",
    address: "Jane.Doe+tag@mail.example.com",
    needsSmtputf8: false,
  });
  for (const text of [
    "a@b",
    "o'neil@x.example",
    "!#$%&'*+/=?^_`{|}~-@x.example",
    "a@1.example",
    "a@xn--bcher-kva.example",
  ])
    assert.equal(parseMailbox(text)?.address, text);
});

test("addresses beyond ASCII need SMTPUTF8; their domain is compared by its A-label", () => {
  const mailbox = parseMailbox("josé@bücher.example")!;
  assert.deepEqual(
    [mailbox.localPart, mailbox.domain, mailbox.needsSmtputf8, asciiDomain(mailbox)],
    ["josé", "bücher.example", true, "xn--bcher-kva.example"],
  );
  assert.equal(asciiDomain(parseMailbox("josé@xn--bcher-kva.example")!), "xn--bcher-kva.example");
  assert.equal(asciiDomain(parseMailbox("a@例え.jp")!), "xn--r8jz45g.jp");
});

/** What other parsers were fooled with, and every form wider than one plain mailbox. */
const REFUSED: Record<string, string[]> = {
  "two domains glued by quotes, comments or spaces": [
    '"a@x.com x"@internal',
    '"a@x.com"@internal.example',
    "user@good.com(x)evil.com",
    "user@good.com (x)",
    "(x)user@good.com",
    "user@good.com evil.com",
    "user @good.com",
    "user@ good.com",
    "user@good.com@evil.com",
    "user@good.com,other@evil.com",
    "user@good.com;other@evil.com",
    "user@good.com<other@evil.com>",
    "user<other@evil.com>@good.com",
    "<user@good.com>",
    "User <user@good.com>",
    "@route.example:user@good.com",
    "group:user@good.com;",
    "user%evil.com@good.com@",
  ],
  "line ends, controls and what ends a command": [
    "user@good.com\r\nRCPT TO:<other@evil.com>",
    "user@good.com\nBcc: other@evil.com",
    "user@good.com\r",
    "us\rer@good.com",
    "user@good.com\0",
    "us\0er@good.com",
    "us\ter@good.com",
    "user@go\x7fod.com",
    "user@good.com> SIZE=1\r\nRSET\r\n<",
    "us\u0085er@good.com",
  ],
  "quoted and obsolete local parts": [
    '"user"@good.com',
    '"us er"@good.com',
    "us\\er@good.com",
    "us. er@good.com",
    '""@good.com',
  ],
  "dots where none may be": [
    ".user@good.com",
    "user.@good.com",
    "us..er@good.com",
    "user@.good.com",
    "user@good.com.",
    "user@good..com",
  ],
  "hosts that are no domain name": [
    "user@[127.0.0.1]",
    "user@[IPv6:::1]",
    "user@127.0.0.1",
    "user@2130706433",
    "user@-good.com",
    "user@good-.com",
    "user@go_od.com",
    "user@good.com:25",
    "user@good.com/evil",
    "user@" + "a".repeat(64) + ".com",
  ],
  "no mailbox at all": ["", "@", "user", "user@", "@good.com", " ", "user@good.com ", " user@good.com"],
  "letters that are invisible, steer text or only look like others": [
    "us\u200ber@good.com",
    "us\u00ader@good.com",
    "us\u202eer@good.com",
    "user@go\u200dod.com",
    "us\u00a0er@good.com",
    "us\ufeffer@good.com",
    "us\ud800er@good.com",
    "user\uff20good.com",
    "user@good\u3002com",
    "user@\uff47ood.com",
    "user@go\u2110d.com",
    "user@\u212aood.com",
    "jose\u0301@good.com",
    "user@bu\u0308cher.example",
    "user@xn--ü.com",
    "user@1א.com",
  ],
};

for (const [what, texts] of Object.entries(REFUSED)) {
  test(`refused: ${what}`, () => {
    for (const text of texts) assert.equal(parseMailbox(text), null, JSON.stringify(text));
  });
}

test("the bounds count octets: 64 before the @, 254 in all", () => {
  const domain = (length: number) => `${"a".repeat(60)}.`.repeat(4).slice(0, length - 4) + ".com";
  assert.ok(parseMailbox(`${"l".repeat(64)}@x.com`));
  assert.equal(parseMailbox(`${"l".repeat(65)}@x.com`), null);
  assert.ok(parseMailbox(`${"é".repeat(32)}@x.com`));
  assert.equal(parseMailbox(`${"é".repeat(33)}@x.com`), null);
  assert.ok(parseMailbox(`${"l".repeat(53)}@${domain(200)}`));
  assert.equal(parseMailbox(`${"l".repeat(54)}@${domain(200)}`), null);
});

/** Text made of the pieces addresses and attacks are made of. */
const pieces = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.stringMatching(/^[a-z0-9]{1,6}$/) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          "@",
          ".",
          "-",
          "+",
          "_",
          "=",
          "example.com",
          "xn--bcher-kva.de",
          "é",
          "ü.de",
          "例え",
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ..."<>()[]\\\",;: \t\r\n\0%!#'`|{}/",
          "\u200b",
          "\u202e",
          "\uff20",
          "\u3002",
          "\u0301",
          "\ud800",
          "=?utf-8?q?=40?=",
        ),
      },
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) },
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((parts) => parts.join(""));
const likely = fc.tuple(pieces, pieces).map(([local, domain]) => `${local}@${domain}`);
const anyAddress = fc.oneof({ weight: 1, arbitrary: pieces }, { weight: 4, arbitrary: likely });

test("what is taken is safe to write: no octet of it ends a line, an address or a list", () => {
  fc.assert(
    fc.property(anyAddress, (text) => {
      const mailbox = parseMailbox(text);
      if (mailbox === null) return;
      assert.match(mailbox.address, /^[^\s<>()[\]\\",;:@\p{Cc}\p{Cf}\p{Z}]+@[^\s<>()[\]\\",;:@\p{Cc}\p{Cf}\p{Z}]+$/u);
      assert.ok(Buffer.byteLength(mailbox.address) <= 254);
    }),
    { numRuns: fuzzRuns(5) },
  );
});

test("what is taken is taken the same way again, and its A-label form belongs to the same domain", () => {
  fc.assert(
    fc.property(anyAddress, (text) => {
      const mailbox = parseMailbox(text);
      if (mailbox === null) return;
      assert.deepEqual(parseMailbox(mailbox.address), mailbox);
      const ascii = parseMailbox(`${mailbox.localPart}@${asciiDomain(mailbox)}`);
      assert.equal(ascii && asciiDomain(ascii), asciiDomain(mailbox));
    }),
    { numRuns: fuzzRuns(5) },
  );
});

test("two other parsers see the same single mailbox in everything that is taken", () => {
  const taken = { count: 0 };
  fc.assert(
    fc.property(anyAddress, (text) => {
      const mailbox = parseMailbox(text);
      if (mailbox === null) return;
      taken.count += 1;
      for (const parse of [nodemailerParser, postalParser]) {
        for (const written of [mailbox.address, `<${mailbox.address}>`, `"Name" <${mailbox.address}>`]) {
          const seen = parse(written) as { address?: string }[];
          assert.deepEqual(
            seen.map((one) => one.address?.toLowerCase()),
            [mailbox.address.toLowerCase()],
            written,
          );
        }
      }
    }),
    { numRuns: fuzzRuns(5) },
  );
  assert.ok(taken.count > fuzzRuns(5) / 50, `only ${taken.count} of the inputs were addresses`);
});

test("addresses are compared with capital ASCII letters made small and nothing else changed", () => {
  assert.equal(foldedAddress("Jane.DOE@Example.com"), "jane.doe@example.com");
  assert.equal(foldedAddress("ÄİK@x.example"), "ÄİK@x.example".replace("K@", "k@"));
  assert.equal(foldedAddress("\u212a@x.example"), "\u212a@x.example");
});
