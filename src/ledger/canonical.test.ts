import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { type LeafValue, canonicalJson } from "./canonical.ts";

test("the sample of RFC 8785 §3.2.2 becomes the text of §3.2.3", () => {
  const sample = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`) as LeafValue;
  assert.equal(
    canonicalJson(sample),
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test("members are sorted by UTF-16 code units, as in RFC 8785 §3.2.3", () => {
  const sample = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  assert.deepEqual(Object.values(JSON.parse(canonicalJson(sample)) as object).length, 7);
  const order = [...canonicalJson(sample).matchAll(/:"([^"]+)"/g)].map((match) => match[1]);
  assert.deepEqual(order, [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
  ]);
});

test("numbers have the forms of RFC 8785 appendix B", () => {
  const bits = (hex: string) => Buffer.from(hex, "hex").readDoubleBE();
  for (const [hex, text] of [
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
  ] as const)
    assert.equal(canonicalJson(bits(hex)), text, hex);
});

test("what has no JSON form is refused, deep inside too", () => {
  for (const value of [
    Number.NaN,
    Infinity,
    -Infinity,
    "\ud800",
    "a\udc00b",
    { "\ud800": 1 },
    { a: [{ b: Number.NaN }] },
  ])
    assert.throws(() => canonicalJson(value as LeafValue), /a leaf cannot hold/);
});

test("the same value has one text in whatever order it was built, and the text is that value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const shuffled = reversed(value as LeafValue);
      let text: string;
      try {
        text = canonicalJson(value as LeafValue);
      } catch {
        return; // half a surrogate pair
      }
      assert.equal(canonicalJson(shuffled), text);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      assert.equal(canonicalJson(JSON.parse(text) as LeafValue), text);
    }),
    { numRuns: fuzzRuns(2) },
  );
});

function reversed(value: LeafValue): LeafValue {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member as LeafValue)]),
  );
}
