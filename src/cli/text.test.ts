import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cut, displayWidth, padEnd, padStart, printable, wrap } from "./text.ts";

describe("text for a terminal", () => {
  test("what others wrote cannot steer the terminal or turn the reading direction", () => {
    assert.equal(printable("a\x1b[2Jb\r\nc\x9bd"), "a\\x1b[2Jb\\x0d\\x0ac\\x9bd");
    assert.equal(printable("user\u202egnp.exe\u2066\u200b"), "user\\u202egnp.exe\\u2066\\u200b");
    assert.equal(printable("Grüße 世界 😀"), "Grüße 世界 😀");
  });

  test("wide characters take two columns, combining ones none, colours none", () => {
    const widths = ["abc", "世界", "ｆｕ", "e\u0301", "😀", "👨‍👩‍👧", "\x1b[31mred\x1b[39m", "한글"].map(displayWidth);
    assert.deepEqual(widths, [3, 4, 4, 1, 2, 2, 3, 4]);
  });

  test("a cut text ends in … and never splits a character", () => {
    assert.equal(cut("abcdef", 6), "abcdef");
    assert.equal(cut("abcdefg", 6), "abcde…");
    assert.equal(cut("世界世界", 6), "世界…");
    assert.equal(cut("世界世界", 4), "世…");
  });

  test("padding counts columns", () => {
    assert.equal(padEnd("世", 4), "世  ");
    assert.equal(padStart("世", 4), "  世");
    assert.equal(padEnd("longer", 3), "longer");
  });

  test("lines break at spaces, and inside a word only where it is longer than a line", () => {
    assert.deepEqual(wrap("one two three", 8), ["one two", "three"]);
    assert.deepEqual(wrap("see https://example.org/very/long now", 12), [
      "see",
      "https://exam",
      "ple.org/very",
      "/long now",
    ]);
    assert.deepEqual(wrap("", 8), [""]);
  });

  test("wrapping loses nothing and no line is too long", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.integer({ min: 4, max: 40 }), (text, width) => {
        const lines = wrap(printable(text), width);
        assert.equal(lines.join("").replaceAll(" ", ""), printable(text).replaceAll(" ", ""));
        for (const line of lines) assert.ok(displayWidth(line) <= width, JSON.stringify(line));
      }),
    );
  });
});
