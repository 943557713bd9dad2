import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnosticOf } from "./diagnostic.ts";

test("a diagnostic is one short line without controls and without addresses", () => {
  assert.equal(diagnosticOf("No user <a@b.example>\nhere\u0007 \u202eevil"), "No user <[address]> here evil");
  assert.equal(diagnosticOf("5.1.1 a@b.example: unknown"), "5.1.1 [address]: unknown");
  assert.equal(diagnosticOf("x".repeat(5_000)).length, 300);
});

test("a diagnostic is whole Unicode wherever it is cut", () => {
  for (let before = 295; before < 305; before += 1) {
    const text = diagnosticOf(`${"x".repeat(before)}${"\u{1f600}".repeat(10)}`);
    assert.ok(text.length <= 300 && text.isWellFormed(), `${before} characters before`);
  }
});
