import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { testData } from "../../test/support/test-data.ts";
import { type TextFault, dotStuffed, hasEightBit, textFault } from "./message-text.ts";

const fault = (text: string, lineOctets = 998) => textFault(Buffer.from(text, "latin1"), lineOctets);

test("text of whole CRLF lines is good, with or without a last line end", () => {
  for (const text of ["", "\r\n", "a", "a\r\n", "a\r\n\r\nb", "\r\n\r\n", ".\r\n..\r\n", "\x01\x7f\xff\r\n"])
    assert.equal(fault(text), null, JSON.stringify(text));
});

test("each way by which two servers see two messages has its name", () => {
  const expected: [string, TextFault][] = [
    ["a\nb", "bare-lf"],
    ["\n", "bare-lf"],
    ["a\r\n.\nb", "bare-lf"],
    ["a\rb", "bare-cr"],
    ["a\r", "bare-cr"],
    ["\r\r\n", "bare-cr"],
    ["a\r\r\n.\r\r\n", "bare-cr"],
    ["a\r\n\r", "bare-cr"],
    ["a\0b\r\n", "nul"],
    ["a\r\n\0.\r\n", "nul"],
  ];
  for (const [text, name] of expected) assert.equal(fault(text), name, JSON.stringify(text));
});

test("a line may have as many octets as allowed, without its CRLF, at every place of the text", () => {
  for (const before of ["", "x\r\n"])
    for (const after of ["", "\r\n", "\r\ny"]) {
      assert.equal(fault(`${before}${"a".repeat(10)}${after}`, 10), null);
      assert.equal(fault(`${before}${"a".repeat(11)}${after}`, 10), "line-too-long");
    }
});

/** The rules, octet by octet: slow and plain. */
function slowFault(text: Buffer, lineOctets: number): boolean {
  let line = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === 0) return true;
    if (text[at] === 13) {
      if (text[at + 1] !== 10) return true;
      at += 1;
      line = 0;
    } else if (text[at] === 10) return true;
    else if ((line += 1) > lineOctets) return true;
  }
  return false;
}

test("it finds a fault exactly where a plain reading octet by octet finds one", () => {
  const octet = fc.constantFrom(13, 10, 0x2e, 0x61, 0x20, 0, 0x80);
  fc.assert(
    fc.property(fc.array(octet, { maxLength: 24 }), fc.integer({ min: 1, max: 6 }), (octets, lineOctets) => {
      const text = Buffer.from(octets);
      assert.equal(textFault(text, lineOctets) !== null, slowFault(text, lineOctets));
    }),
    { numRuns: fuzzRuns(10) },
  );
});

test("every run of four octets of CR, LF, dot, NUL and space is judged like that", () => {
  const octets = [13, 10, 0x2e, 0, 0x20];
  for (let n = 0; n < octets.length ** 4; n += 1) {
    const four = [0, 1, 2, 3].map((place) => octets[Math.floor(n / octets.length ** place) % octets.length]!);
    const text = Buffer.from([0x61, 13, 10, ...four, 0x62, 13, 10]);
    assert.equal(textFault(text, 998) !== null, slowFault(text, 998), JSON.stringify(text.toString("latin1")));
  }
});

const data = testData("smtp-mime");
test("each known smuggling sequence is a fault, the true end of data is none", { skip: data.skip }, () => {
  type Sequence = { bytes_base64: string; escaped: string };
  const known = JSON.parse(readFileSync(path.join(data.folder, "smuggling-sequences.json"), "utf8")) as {
    inbound_must_not_end_data: Sequence[];
    outbound_must_not_be_relayed_verbatim: Sequence[];
  };
  const smuggled = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";
  for (const sequence of [...known.inbound_must_not_end_data, ...known.outbound_must_not_be_relayed_verbatim]) {
    const octets = Buffer.from(sequence.bytes_base64, "base64").toString("latin1");
    assert.notEqual(fault(`Subject: x\r\n\r\nhello${octets}${smuggled}`), null, sequence.escaped);
  }
  assert.equal(fault(`Subject: x\r\n\r\nhello\r\n.\r\n${smuggled}`), null);
});

/** What a receiver makes of octets after DATA (RFC 5321 §4.5.2): the text up to the first lone dot. */
function received(wire: string): { text: string; rest: string } {
  const end = wire.startsWith(".\r\n") ? -2 : wire.indexOf("\r\n.\r\n");
  return { text: wire.slice(0, end + 2).replaceAll(/^\./gm, ""), rest: wire.slice(end + 5) };
}

test("a stuffed text arrives as it was, ends once, and leaves nothing to run as a command", () => {
  const lines = fc.array(fc.stringMatching(/^[.a-c ]{0,4}$/), { maxLength: 8 });
  fc.assert(
    fc.property(lines, fc.boolean(), (all, endsWell) => {
      const text = all.join("\r\n") + (endsWell ? "\r\n" : "");
      const { text: seen, rest } = received(`${dotStuffed(Buffer.from(text)).toString()}.\r\n`);
      assert.equal(rest, "");
      assert.equal(seen, text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`);
    }),
    { numRuns: fuzzRuns(5) },
  );
});

test("text without a leading dot is not copied", () => {
  const text = Buffer.from("a\r\nb.c\r\n");
  assert.equal(dotStuffed(text), text);
});

test("an octet above 127 is seen wherever it is", () => {
  assert.equal(hasEightBit(Buffer.from("plain\r\n\x7f")), false);
  for (let at = 0; at < 40; at += 1) {
    const text = Buffer.alloc(40, 0x61);
    text[at] = 0x80;
    assert.equal(hasEightBit(text), true, `at ${at}`);
  }
});
