import assert from "node:assert/strict";
import { test } from "node:test";
import { bars, curve, short, table } from "./table.ts";

test("figures stand right under their titles", () => {
  assert.equal(
    table(
      ["", "rate"],
      [
        ["a", "1,000"],
        ["long", "5"],
      ],
    ),
    "       rate\na     1,000\nlong      5",
  );
});

test("a bar is as long as its value is great, and the least of values still shows", () => {
  const lines = bars(
    [
      { name: "a", value: 1_000 },
      { name: "b", value: 500 },
      { name: "c", value: 1 },
    ],
    10,
  ).split("\n");
  assert.deepEqual(
    lines.map((line) => line.replaceAll(/[^█]/g, "").length),
    [10, 5, 1],
  );
});

test("a curve keeps the peak of what one column stands for", () => {
  assert.equal(curve([0, 0, 8, 0, 0, 0], 3), "▁█▁");
});

test("three figures are told, and what is not known is a dash", () => {
  assert.deepEqual([short(1234.5), short(0.12345, " ms"), short(null, " ms")], ["1,235", "0.123 ms", "–"]);
});
