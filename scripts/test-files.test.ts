import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { testFiles } from "./test-files.ts";

const root = mkdtempSync(path.join(tmpdir(), "postern-files-"));
after(() => rmSync(root, { recursive: true }));
for (const file of [
  "src/mail/address.test.ts",
  "src/mail/address.ts",
  "test/crash/kill.test.ts",
  "test/fuzz/smtp.long.test.ts",
  "test/fuzz/smtp.test.ts",
]) {
  mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(root, file), "");
}
const names = (...args: [suite: "short" | "full", only?: string[]]) =>
  testFiles(root, args[0], args[1] ?? []).map((file) => path.relative(root, file));

test("the short suite leaves out crash tests and what names itself long", () => {
  assert.deepEqual(names("short"), ["src/mail/address.test.ts", "test/fuzz/smtp.test.ts"]);
});

test("the full suite has every test", () => {
  assert.deepEqual(names("full"), [
    "src/mail/address.test.ts",
    "test/crash/kill.test.ts",
    "test/fuzz/smtp.long.test.ts",
    "test/fuzz/smtp.test.ts",
  ]);
});

test("files and folders named on the command line choose among them", () => {
  assert.deepEqual(names("full", ["src", "test/fuzz/smtp.test.ts"]), [
    "src/mail/address.test.ts",
    "test/fuzz/smtp.test.ts",
  ]);
});
