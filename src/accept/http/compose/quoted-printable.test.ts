import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../../../test/support/fuzz-runs.ts";
import { LINE_CHARACTERS, base64Lines, quotedPrintable } from "./quoted-printable.ts";

/** RFC 2045 §6.7, as a reader does it. */
function decoded(text: string): Buffer {
  const whole = text.replaceAll("=\r\n", "");
  assert.doesNotMatch(whole, /=(?![0-9A-F]{2})/);
  return Buffer.from(
    whole.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
}

const lines = (encoded: Buffer): string[] => encoded.toString("latin1").split("\r\n");

describe("quoted-printable", () => {
  const pieces = fc.constantFrom(
    "a",
    "=",
    " ",
    "\t",
    ".",
    "\r\n",
    "é",
    "😀",
    "From ",
    "F",
    "\u0001",
    "x".repeat(74),
    "y".repeat(80),
  );
  const text = fc.array(pieces, { maxLength: 60 }).map((parts) => Buffer.from(parts.join("")));

  test("gives back the octets it was given, in lines of at most 76 printable characters", () => {
    fc.assert(
      fc.property(text, (octets) => {
        const encoded = quotedPrintable(octets);
        assert.deepEqual(decoded(encoded.toString("latin1")), octets);
        for (const line of lines(encoded)) {
          assert.ok(line.length <= LINE_CHARACTERS, `${line.length} characters`);
          assert.match(line, /^[\t -~]*$/);
          assert.doesNotMatch(line, /[ \t]$/, "a blank at the end would be lost");
          assert.doesNotMatch(line, /^(?:\.|From )/, "a line that servers on the way change");
        }
      }),
      { numRuns: fuzzRuns() },
    );
  });

  test("leaves plain text readable", () => {
    assert.equal(
      quotedPrintable(Buffer.from("Hello Ada,\r\n1 + 1 = 2\r\n")).toString(),
      "Hello Ada,\r\n1 + 1 =3D 2\r\n",
    );
  });
});

test("base64 comes in lines of 76, each ended", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      const encoded = base64Lines(Buffer.from(octets)).toString();
      assert.deepEqual(Buffer.from(encoded, "base64"), Buffer.from(octets));
      assert.match(encoded, /^(?:[^\r\n]{76}\r\n)*(?:[^\r\n]{1,76}\r\n)?$/);
    }),
    { numRuns: fuzzRuns() },
  );
});
