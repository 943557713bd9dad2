import assert from "node:assert/strict";
import { test } from "node:test";
import { durationMs } from "./duration.ts";

test("durations are read as people write them", () => {
  const read = (text: string) => durationMs(text);
  assert.deepEqual(
    ["250ms", "20s", "10m", "72h", "30d", "1.5h", " 5s ", "0s"].map(read),
    [250, 20_000, 600_000, 259_200_000, 2_592_000_000, 5_400_000, 5_000, 0],
  );
});

test("what is no duration gives none: no unit, another unit, a sign, several of them", () => {
  for (const text of ["", "20", "s", "20 s", "20S", "-1s", "+1s", "1h30m", ".5h", "1e3s", "1.h", "0x1s", "20sec", "1w"])
    assert.equal(durationMs(text), undefined, text);
});
