import assert from "node:assert/strict";
import { test } from "node:test";
import { isAmbiguous, TextReader } from "./text-reader.ts";

const read = (...pieces: string[]) => {
  const reader = new TextReader(1_000);
  const rests = pieces.map((piece) => reader.take(Buffer.from(piece)));
  return { text: reader.text().toString(), rests: rests.map((rest) => rest?.toString() ?? null) };
};

test("the end of a text is found wherever it is cut", () => {
  const text = "one\r\n.\r\n";
  for (let first = 1; first < text.length - 1; first += 1) {
    for (let second = first + 1; second < text.length; second += 1) {
      const pieces = [text.slice(0, first), text.slice(first, second), `${text.slice(second)}NOOP\r\n`];
      assert.deepEqual(read(...pieces), { text: "one\r\n", rests: [null, null, "NOOP\r\n"] }, `${first}, ${second}`);
    }
  }
});

test("an empty text ends at once, by the line end of DATA itself", () => {
  assert.deepEqual(read(".\r\n"), { text: "", rests: [""] });
  assert.deepEqual(read(".", "\r", "\nQUIT\r\n"), { text: "", rests: [null, null, "QUIT\r\n"] });
});

test("a text of exactly the bound is kept, one octet more is not", () => {
  const ended = (length: number) => {
    const reader = new TextReader(10);
    assert.notEqual(reader.take(Buffer.from(`${"x".repeat(length - 2)}\r\n.\r\n`)), null);
    return reader;
  };
  assert.equal(ended(10).tooBig, false);
  assert.equal(ended(10).text().toString(), "xxxxxxxx\r\n");
  assert.equal(ended(11).tooBig, true);
});

test("line ends alone and NUL make a text ambiguous, pairs do not", () => {
  for (const text of ["a\nb", "a\rb", "\n", "\r", "a\r\r\n", "\r\n\n", "a\0b"])
    assert.equal(isAmbiguous(Buffer.from(text)), true, JSON.stringify(text));
  for (const text of ["", "a", "a\r\n", "\r\n\r\n"]) assert.equal(isAmbiguous(Buffer.from(text)), false);
});
