import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { parseEnvelopeId, parseNotify, parseOriginalRecipient, parsePath, parseReturn } from "./dsn-parameters.ts";

test("RET is FULL or HDRS in any case", () => {
  assert.deepEqual(["FULL", "hdrs", "Full"].map(parseReturn), ["FULL", "HDRS", "FULL"]);
  for (const text of ["", "ALL", "FULL ", "FULL,HDRS", "\r\n"])
    assert.equal(parseReturn(text), null, JSON.stringify(text));
});

test("NOTIFY is NEVER alone, or a list of the other three without repeats", () => {
  assert.equal(parseNotify("never"), "NEVER");
  assert.equal(parseNotify("SUCCESS,failure,Delay"), "SUCCESS,FAILURE,DELAY");
  for (const text of ["", "NEVER,SUCCESS", "SUCCESS,SUCCESS", "SUCCESS,", "SUCCESS, DELAY", "OTHER", "SUCCESS\r\nRSET"])
    assert.equal(parseNotify(text), null, JSON.stringify(text));
});

test("ENVID and ORCPT are xtext: printable, no space, + and = only as hex", () => {
  assert.equal(parseEnvelopeId("QQ314159"), "QQ314159");
  assert.equal(parseEnvelopeId("a+2Bb+3D"), "a+2Bb+3D");
  assert.equal(parseEnvelopeId("x".repeat(100))?.length, 100);
  for (const text of ["", "x".repeat(101), "a b", "a=b", "a+2b", "a+", "a+ZZ", "é", "a\r\nRSET", "a\0"])
    assert.equal(parseEnvelopeId(text), null, JSON.stringify(text));
  assert.equal(parseOriginalRecipient("RFC822;Bob+2Btag@Example.com"), "rfc822;Bob+2Btag@Example.com");
  for (const text of [
    "",
    "rfc822",
    "rfc822;",
    ";a@b",
    "rfc822;a b",
    "rfc822;a@b\r\nX",
    "rfc822;a=b",
    `rfc822;${"a".repeat(501)}`,
  ])
    assert.equal(parseOriginalRecipient(text), null, JSON.stringify(text));
});

test("a path is a mailbox in angle brackets or the null path", () => {
  assert.equal(parsePath("<a@b.example>")?.address, "a@b.example");
  assert.equal(parsePath("<>"), null);
  for (const text of [
    "",
    "a@b.example",
    "<a@b.example",
    "a@b.example>",
    "<<a@b.example>>",
    "< >",
    "<@r:a@b.example>",
    "<a@b.example> SIZE=1",
  ])
    assert.equal(parsePath(text), undefined, JSON.stringify(text));
});

test("whatever is taken is one word of a command: no space, no control, no bracket but in its place", () => {
  const word = /^[!-~]+$/;
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: "binary", maxLength: 20 })), (text) => {
      for (const taken of [
        parseReturn(text),
        parseNotify(text),
        parseEnvelopeId(text),
        parseOriginalRecipient(`rfc822;${text}`),
      ])
        if (taken !== null) assert.match(taken, word);
    }),
    { numRuns: fuzzRuns() },
  );
});
