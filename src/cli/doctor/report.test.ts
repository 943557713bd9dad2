import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { noPaint } from "../paint.ts";
import { displayWidth } from "../text.ts";
import { notChecked, ok, warning, wrong } from "./check.ts";
import { reportText, verdict } from "./report.ts";

const CHECKS = [
  ok("node", "v24.21.0, linux x64."),
  warning(
    "configuration",
    "listen.http is open to other hosts and speaks plain HTTP, so API keys would cross the network in clear.",
    "Put a TLS proxy before it.",
  ),
  wrong(
    "synchronous_commit",
    "off: the last accepted messages would be lost when the server dies.",
    "Set synchronous_commit = on in postgresql.conf (or ALTER DATABASE … SET) and reload.",
  ),
  wrong("provider harbour", "mx.harbour.test:587, greeting: 554 no\x1b[2J.", "Check the port."),
  notChecked("time source", "Neither timedatectl nor chronyc answers here."),
];

describe("what doctor prints", () => {
  test("reads well at 80 columns: state, name, what was found, what to do", () => {
    assert.equal(
      reportText(CHECKS, 80, noPaint),
      `ok           node                v24.21.0, linux x64.
warning      configuration       listen.http is open to other hosts and speaks
                                 plain HTTP, so API keys would cross the network
                                 in clear.
                                 → Put a TLS proxy before it.
wrong        synchronous_commit  off: the last accepted messages would be lost
                                 when the server dies.
                                 → Set synchronous_commit = on in
                                   postgresql.conf (or ALTER DATABASE … SET) and
                                   reload.
wrong        provider harbour    mx.harbour.test:587, greeting: 554 no\\x1b[2J.
                                 → Check the port.
not checked  time source         Neither timedatectl nor chronyc answers here.

2 things are wrong, 1 thing deserves a look, 1 thing could not be checked.`,
    );
  });

  test("no line is wider than the terminal", () => {
    for (const line of reportText(CHECKS, 80, noPaint).split("\n")) assert.ok(displayWidth(line) <= 80, line);
  });

  test("the last sentence is the sum", () => {
    assert.equal(verdict([ok("a", "b")]), "Everything is in order.");
    assert.equal(
      verdict([ok("a", "b"), notChecked("c", "d")]),
      "Everything that was checked is in order; 1 thing could not be checked.",
    );
  });
});
