import assert from "node:assert/strict";
import { test } from "node:test";
import { ASSURANCE } from "../../../test/support/assurance.ts";
import { noPaint } from "../paint.ts";
import { budgetBar, sparkline } from "./figures.ts";
import { overviewText } from "./overview-text.ts";
import { streamText } from "./stream-text.ts";

const VIEW = { columns: 100, paint: noPaint };

test("the overview says what is promised, what is left, which rule is met, and how providers stand", () => {
  const text = overviewText(ASSURANCE, VIEW);
  assert.match(text, /^alerts +99 % in 1m +░{10} -100 % +2\.0 +800ms +4\.2s/m);
  assert.match(text, /^acme\/alerts uses up its budget 2\.0 times as fast as it may \(over 3d, and 2\.0 over 6h\)\.$/m);
  assert.match(text, /^harbour +DOWN +100 +4\.2s +own 8\/10 \(1 missed\)$/m);
  assert.ok(Math.max(...text.split("\n").map((line) => line.length)) <= 100);
});

test("an overview of nothing says what would be there", () => {
  assert.match(overviewText({ ...ASSURANCE, countedAt: null }, VIEW), /^Nothing was counted yet/);
});

test("one stream comes with its providers and its curves", () => {
  const text = streamText(ASSURANCE.streams[0]!, VIEW);
  assert.match(text, /^100 messages decided, 98 % of them in time: 2 late where 1 may be\.$/m);
  assert.match(text, /^burn rate +5m 0\.0 · 30m 0\.4 · 1h 2\.0/m);
  assert.match(text, /^day by harbour +100 +100 +98/m);
});

test("a bar is full, empty or between, and a line shows silence as dots", () => {
  assert.equal(budgetBar(1), "██████████ 100 %");
  assert.equal(budgetBar(0.46), "█████░░░░░ 46 %");
  assert.equal(budgetBar(-40), "░░░░░░░░░░ < -999 %");
  assert.equal(sparkline([null, 1, 8, 0], 4), "·▂█▁");
  assert.equal(sparkline([1, null, null, null], 2), "█·");
  assert.equal(sparkline([0, 0], 2), "▁▁");
});
