import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { Fifo } from "./fifo.ts";

test("it gives what an array's push and shift give", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(), fc.constant("shift" as const)), { maxLength: 200 }), (steps) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === "shift") assert.equal(fifo.shift(), model.shift());
        else {
          fifo.push(step);
          model.push(step);
        }
        assert.equal(fifo.size, model.length);
        assert.equal(fifo.peek(), model[0]);
      }
    }),
    { numRuns: fuzzRuns() },
  );
});

test("it keeps its order over many more items than it holds at once", () => {
  const fifo = new Fifo<number>();
  let next = 0;
  for (let n = 0; n < 20_000; n += 1) {
    fifo.push(n);
    if (n % 3 !== 0) assert.equal(fifo.shift(), next++);
  }
  while (fifo.size > 0) assert.equal(fifo.shift(), next++);
  assert.equal(next, 20_000);
});
