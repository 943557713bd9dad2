import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../../test/support/fuzz-runs.ts";
import { enhancedStatusOf, REPLY_OCTETS, type Reply, ReplyReader } from "./replies.ts";

function readAll(chunks: readonly Buffer[]): (Reply | string)[] {
  const reader = new ReplyReader();
  const found: (Reply | string)[] = [];
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk);
    const fault = reader.read(lent, (reply) => found.push(reply) > 0);
    lent.fill(0x58); // the buffer is the caller's: what is kept must have been copied
    if (fault) return [...found, fault];
  }
  return reader.hasUnread ? [...found, "unread"] : found;
}
const read = (...texts: string[]) => readAll(texts.map((text) => Buffer.from(text)));

test("one line, several lines, a bare code", () => {
  assert.deepEqual(read("250 2.1.0 Ok\r\n"), [{ code: 250, text: "2.1.0 Ok" }]);
  assert.deepEqual(read("250-a\r\n250-b\r\n250 c\r\n354\r\n"), [
    { code: 250, text: "a\nb\nc" },
    { code: 354, text: "" },
  ]);
  assert.deepEqual(read("250-\r\n250 \r\n"), [{ code: 250, text: "\n" }]);
  assert.deepEqual(read("571 Delivery not authorized\r\n"), [{ code: 571, text: "Delivery not authorized" }]);
  assert.deepEqual(read("250 für Sie\r\n"), [{ code: 250, text: "für Sie" }]);
});

test("what is no reply is a fault, and replies before it still count", () => {
  for (const text of [
    "250 Ok\n",
    "250 O\rk\r\n",
    "\r\n",
    "25\r\n",
    "2500 Ok\r\n",
    "250_Ok\r\n",
    "150 Ok\r\n",
    "650 Ok\r\n",
    "Ok\r\n",
    " 250 Ok\r\n",
    "250-a\r\n251 b\r\n",
    "+OK\r\n",
  ]) {
    assert.deepEqual(read(text), ["malformed"], JSON.stringify(text));
  }
  assert.deepEqual(read("250 a\r\n\r\n"), [{ code: 250, text: "a" }, "malformed"]);
});

test("a reply is bounded, whether it is one endless line or endlessly many", () => {
  assert.deepEqual(read("250 ", "x".repeat(REPLY_OCTETS)), ["too-long"]);
  assert.deepEqual(read(`250-${"x".repeat(100)}\r\n`.repeat(200)), ["too-long"]);
  const longest = `250 ${"x".repeat(REPLY_OCTETS - 6)}\r\n`;
  assert.equal(read(longest + longest).length, 2, "the bound is of one reply, not of a session");
});

test("any chunking gives the same replies", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "250 Ok\r\n",
      "250-a\r\n",
      "354 Go\r\n",
      "550 5.1.1 No\r\n",
      "250\r\n",
      "\r",
      "\n",
      "2",
      "250",
      "é",
    ),
    fc.string({ maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(12), { maxLength: 40 }), (pieces, cuts) => {
      const whole = Buffer.from(pieces.join(""));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(whole.subarray(at, at + cut));
        at += cut;
      }
      chunks.push(whole.subarray(at));
      assert.deepEqual(readAll(chunks), readAll([whole]));
    }),
    { numRuns: fuzzRuns(2) },
  );
});

test("while a reply is given, more that has come is seen", () => {
  const reader = new ReplyReader();
  const seen: boolean[] = [];
  const look = () => seen.push(reader.hasUnread) > 0;
  reader.read(Buffer.from("250 a\r\n250 b\r\n"), look);
  reader.read(Buffer.from("250 c\r\n25"), look);
  assert.deepEqual(seen, [true, false, true]);
  assert.equal(reader.hasUnread, true);
});

test("after a listener says stop, nothing more is given", () => {
  let count = 0;
  new ReplyReader().read(Buffer.from("250 a\r\n250 b\r\n"), () => {
    count += 1;
    return false;
  });
  assert.equal(count, 1);
});

test("the enhanced status is read from the beginning only", () => {
  assert.equal(enhancedStatusOf({ code: 550, text: "5.1.1 no" }), "5.1.1");
  assert.equal(enhancedStatusOf({ code: 550, text: "5.7.26\nmore" }), "5.7.26");
  for (const text of ["see 5.1.1", "5.1 no", "5.1.1x", "3.1.1 no", "5.1.1234 no"]) {
    assert.equal(enhancedStatusOf({ code: 550, text }), undefined, text);
  }
});
