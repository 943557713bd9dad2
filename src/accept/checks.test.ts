import assert from "node:assert/strict";
import { test } from "node:test";
import { TEST_TENANT, submission } from "../../test/support/mail-path.ts";
import { DEFAULT_LIMITS } from "../config/index.ts";
import { tenantsOf } from "../tenancy/index.ts";
import { checkSubmission } from "./checks.ts";

const acme = tenantsOf([TEST_TENANT]).find("acme")!;

/** The author found, or the code of the refusal. */
function authorIn(...fields: string[]): string {
  const raw = `${fields.join("\r\n")}\r\nSubject: s\r\n\r\nx\r\n`;
  const checked = checkSubmission(submission({ raw }), acme, DEFAULT_LIMITS, "postern.test");
  return "code" in checked ? checked.code : checked.author;
}

test("everybody a message names as its author, or as who sends it, is the tenant's", () => {
  assert.equal(authorIn("From: App <app@acme.test>"), "app@acme.test");
  assert.equal(authorIn("From: app@acme.test, ops@mail.acme.test", "Sender: ops@mail.acme.test"), "ops@mail.acme.test");
  assert.equal(authorIn("From: app@acme.test", "Sender: ops@acme.test"), "app@acme.test");
  for (const fields of [
    ["From: app@bank.example"],
    ["From: boss@bank.example, app@acme.test", "Sender: app@acme.test"],
    ["From: app@acme.test", "Sender: boss@bank.example"],
    ["From: app@acme.test.evil.example"],
  ]) {
    assert.equal(authorIn(...fields), "author-not-allowed", fields.join(" / "));
  }
});

test("a message of which two readers could name two authors has none", () => {
  for (const fields of [
    ["To: bob@example.net"],
    ["From: boss@bank.example <app@acme.test>"],
    ["From: app@acme.test, ops@acme.test"],
    ["From: app@acme.test", "Sender: boss@bank.example <app@acme.test>"],
    ["From: app@acme.test", "Sender: boss@bank.example, app@acme.test"],
    ["From: app@acme.test, not..an..address@acme.test", "Sender: app@acme.test"],
  ]) {
    assert.equal(authorIn(...fields), "author-missing", fields.join(" / "));
  }
});
