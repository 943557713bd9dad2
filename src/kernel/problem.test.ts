import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem, causeText, unreachable } from "./problem.ts";

test("a problem gives the client a code and a next step, and the log its chain of causes", () => {
  const problem = new Problem("disk-low", "Free space.", new Error("write failed", { cause: new Error("ENOSPC") }));
  assert.equal(problem.code, "disk-low");
  assert.equal(problem.publicMessage, "Free space.");
  assert.ok(!problem.publicMessage.includes("ENOSPC"));
  assert.equal(causeText(problem), "disk-low: Free space. (write failed (ENOSPC))");
});

test("whatever is thrown has a text", () => {
  assert.equal(causeText("plain"), "plain");
  assert.equal(causeText(undefined), "undefined");
  assert.equal(causeText({ a: 1 }), "[object Object]");
});

test("a forgotten case of a union is told with its value", () => {
  assert.throws(() => unreachable({ kind: "new" } as never), /unreachable: \{"kind":"new"\}/);
});
