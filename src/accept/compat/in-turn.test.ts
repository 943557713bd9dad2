import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurn } from "./in-turn.ts";

test("a tenant's long reads come one after another, another tenant's beside them, and a failure stops none", async () => {
  let atOnce = 0;
  let most = 0;
  const read = (answer: string) => async () => {
    most = Math.max(most, (atOnce += 1));
    await new Promise(setImmediate);
    atOnce -= 1;
    if (answer === "fails") throw new Error(answer);
    return answer;
  };
  const all = ["a", "fails", "b"].map((answer) => inTurn("acme", read(answer)));
  assert.deepEqual(
    (await Promise.allSettled(all)).map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.equal(most, 1);
  await Promise.all([inTurn("acme", read("a")), inTurn("other", read("b"))]);
  assert.equal(most, 2);
});
