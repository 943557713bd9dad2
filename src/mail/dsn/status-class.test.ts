import assert from "node:assert/strict";
import { test } from "node:test";
import { statusClass } from "./status-class.ts";
import { statusInText } from "./status-in-text.ts";

test("hard is only what says that nobody is there", () => {
  const hard = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"];
  const soft = ["5.1.0", "5.1.8", "5.2.1", "5.2.2", "5.3.4", "5.4.7", "5.5.1", "5.6.0", "5.7.1", "5.0.0", "5.9.9", "x"];
  for (const code of hard) assert.equal(statusClass(code).bounce, "hard", code);
  for (const code of soft) assert.equal(statusClass(code).bounce, "soft", code);
});

test("class 4 is never hard", () => {
  for (const code of ["4.1.1", "4.1.2", "4.4.4"]) assert.equal(statusClass(code).bounce, "soft", code);
});

test("codes are found before words, and numbers that are none are not", () => {
  assert.equal(statusInText("550 5.2.2 user unknown"), "5.2.2");
  assert.equal(statusInText("host mx[5.1.1.25] said: 550 user unknown"), "5.1.1");
  assert.equal(statusInText("host 192.5.1.1 does not answer to anybody"), null);
  assert.equal(statusInText("450 mailbox full"), "4.2.2");
  assert.equal(statusInText("said: 421 try later"), "4.3.2");
});
