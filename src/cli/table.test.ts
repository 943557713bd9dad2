import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { table } from "./table.ts";
import { displayWidth } from "./text.ts";

const COLUMNS = [{ title: "NAME" }, { title: "COUNT", align: "right" as const }, { title: "WHAT WAS SAID", least: 8 }];
const ROWS = [
  ["harbour", "1,204", "421 4.7.0 try again later, we are busy"],
  ["世界", "7", "250 ok"],
];

describe("a table", () => {
  test("is as wide as it needs to be where there is room", () => {
    assert.equal(
      table(COLUMNS, ROWS, Number.POSITIVE_INFINITY),
      `NAME     COUNT  WHAT WAS SAID
harbour  1,204  421 4.7.0 try again later, we are busy
世界         7  250 ok`,
    );
  });

  test("cuts only the columns that may be cut, and fits", () => {
    const text = table(COLUMNS, ROWS, 40);
    assert.equal(
      text,
      `NAME     COUNT  WHAT WAS SAID
harbour  1,204  421 4.7.0 try again lat…
世界         7  250 ok`,
    );
    for (const line of text.split("\n")) assert.ok(displayWidth(line) <= 40, line);
  });

  test("never cuts a title, and shows the rest in full where it cannot fit", () => {
    assert.equal(table(COLUMNS, ROWS, 10).split("\n")[1], "harbour  1,204  421 4.7.0 tr…");
  });

  test("writes out control characters of cells", () => {
    assert.equal(table([{ title: "A" }], [["x\x1b]0;owned\x07"]], 80), "A\nx\\x1b]0;owned\\x07");
  });
});
