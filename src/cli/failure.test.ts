import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigMistakes } from "../config/index.ts";
import { Problem } from "../kernel/index.ts";
import { failureOf } from "./failure.ts";

const world = (environment: Record<string, string> = {}) => ({
  err: { write: () => {}, isTerminal: true, columns: 60, descriptor: 2 },
  environment,
});

describe("what a failure says", () => {
  test("mistakes of the configuration stand as they are and are the caller's (2)", () => {
    const mistakes = new ConfigMistakes("postern.yaml", [{ path: "data", line: 3, sentence: "must be a folder." }]);
    assert.deepEqual(failureOf(mistakes, world()), {
      text: "postern.yaml has one mistake.\n  line 3, data:\n    must be a folder.",
      code: 2,
    });
  });

  test("a problem gives its code, its sentence and the cause", () => {
    const problem = new Problem(
      "database-unavailable",
      "The database does not answer. Ask again in a few seconds.",
      new Error("connect ECONNREFUSED\x1b[2J"),
    );
    assert.deepEqual(failureOf(problem, world()), {
      text: `database-unavailable
  The database does not answer. Ask again in a few seconds.
  Cause: connect ECONNREFUSED\\x1b[2J`,
      code: 1,
    });
  });

  test("what the system refuses is said in words", () => {
    const refused = Object.assign(new Error("EACCES"), { code: "EACCES", path: "/srv/data", syscall: "mkdir" });
    assert.match(
      failureOf(refused, world()).text,
      /^system-refused\n {2}This user may not use \/srv\/data \(mkdir\)\./,
    );
  });

  test("a fault of ours shows where it happened only when asked", () => {
    const fault = new TypeError("x is not a function");
    assert.doesNotMatch(failureOf(fault, world()).text, /failure\.test\.ts/);
    assert.match(failureOf(fault, world({ POSTERN_LOG_LEVEL: "debug" })).text, /failure\.test\.ts/);
  });
});
