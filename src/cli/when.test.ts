import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { instant, plural, size, span, when } from "./when.ts";

describe("times and sizes as people say them", () => {
  test("two units while the first is small, then one", () => {
    const spans = [0, 12, 340, 1_000, 59_999, 200_000, 600_000, 3_600_000, 7_500_000, 86_400_000 * 3 + 3_600_000 * 5];
    assert.deepEqual(spans.map(span), ["0s", "0.012s", "0.34s", "1s", "59s", "3m 20s", "10m", "1h", "2h 5m", "3d 5h"]);
  });

  test("before and after now", () => {
    assert.equal(when(1_000_000, 1_000_400), "now");
    assert.equal(when(1_000_000, 1_040_000), "40s ago");
    assert.equal(when(1_040_000, 1_000_000), "in 40s");
  });

  test("an instant names its zone", () => {
    assert.equal(instant(Date.UTC(2025, 10, 24, 22, 49, 12)), "2025-11-24 22:49:12 UTC");
  });

  test("sizes in powers of 1024", () => {
    assert.deepEqual([0, 812, 5_018, 10 * 2 ** 20, 1.5 * 2 ** 30].map(size), [
      "0 B",
      "812 B",
      "4.9 KiB",
      "10 MiB",
      "1.5 GiB",
    ]);
  });

  test("counts with their noun", () => {
    assert.deepEqual(
      [plural(1, "message"), plural(0, "message"), plural(1_200, "entry", "entries")],
      ["1 message", "0 messages", "1,200 entries"],
    );
  });
});
