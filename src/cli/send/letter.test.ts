import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { readHeader, textFault } from "../../mail/index.ts";
import { letterOf, plainLetter, withCrlf } from "./letter.ts";

const FILE = `From: Ada <ada@acme.test>
To: anna@example.org, "Bob, B." <bob@example.net>
Cc: carol@example.com
Bcc: secret@example.com
Subject: hi

Hello
`;

describe("a message file", () => {
  test("names its envelope itself, loses its Bcc and gets the line ends of mail, and says so", () => {
    const letter = letterOf(Buffer.from(FILE), { to: [] });
    assert.equal(letter.returnPath, "ada@acme.test");
    assert.deepEqual(letter.recipients, [
      "anna@example.org",
      "bob@example.net",
      "carol@example.com",
      "secret@example.com",
    ]);
    assert.equal(letter.raw.toString(), FILE.replace(/Bcc.*\n/, "").replaceAll("\n", "\r\n"));
    assert.deepEqual(letter.notes, ["7 line ends were made CRLF, as mail needs it.", "The Bcc field was taken out."]);
  });

  test("options win over what it says, and a file in order is sent octet by octet", () => {
    const raw = Buffer.from("From: ada@acme.test\r\nTo: anna@example.org\r\n\r\nHello\r\n");
    const letter = letterOf(raw, { from: "bounce@acme.test", to: ["zoe@example.org"] });
    assert.deepEqual(
      [letter.returnPath, letter.recipients, letter.notes],
      ["bounce@acme.test", ["zoe@example.org"], []],
    );
    assert.equal(letter.raw, raw);
  });

  test("without author or recipient says which field is missing", () => {
    assert.throws(() => letterOf(Buffer.from("To: a@example.org\n\nx\n"), { to: [] }), /From field, or --from/);
    assert.throws(() => letterOf(Buffer.from("From: a@example.org\n\nx\n"), { to: [] }), /To field, or --to/);
    assert.throws(
      () => letterOf(Buffer.from("no header here\n\nx\n"), { to: [] }),
      /empty line must come before the body/,
    );
  });

  test("a CR of its own is left for the door to judge", () => {
    assert.deepEqual(withCrlf(Buffer.from("a\rb\nc\r\nd")), { raw: Buffer.from("a\rb\r\nc\r\nd"), changed: 1 });
  });

  test("line ends are right afterwards, whatever they were, and nothing else changes", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "\n", "\r\n", ".", "é"), { maxLength: 60 }), (parts) => {
        const { raw } = withCrlf(Buffer.from(parts.join("")));
        assert.equal(textFault(raw, 998), null);
        assert.equal(raw.toString().replaceAll("\r\n", ""), parts.join("").replaceAll(/[\r\n]/g, ""));
      }),
    );
  });
});

describe("a message made of options", () => {
  test("is plain ASCII mail whatever the text is, with one header section that nobody can add to", () => {
    const { raw } = plainLetter({
      from: "a@acme.test",
      to: ["b@example.org"],
      subject: "Grüße\r\nBcc: x@y.test",
      text: "Zeile\n.\n世界",
    });
    assert.equal(textFault(raw, 998), null);
    const header = readHeader(raw, { headerBytes: 10_000, headerFields: 20 });
    assert.ok("fields" in header);
    assert.deepEqual(
      header.fields.map((field) => field.name),
      ["from", "to", "subject", "mime-version", "content-type", "content-transfer-encoding"],
    );
    assert.equal(Buffer.from(raw.subarray(header.bodyStart).toString(), "base64").toString(), "Zeile\n.\n世界");
  });
});
