import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { loadSettings, warningsOf } from "../config/index.ts";
import { systemRandom } from "../kernel/index.ts";
import { firstRunText, SAMPLE_CONFIGURATION } from "./first-run.ts";
import { displayWidth } from "./text.ts";
import { smtpProviders } from "../../test/support/smtp-providers.ts";

const FIRST_RUN = {
  http: { host: "127.0.0.1", port: 8025 },
  smtp: { host: "127.0.0.1", port: 2525 },
  credentials: { username: "lab", password: "0123456789abcdef01234567", apiKey: `lab_${"0123456789ab".repeat(3)}` },
  color: false,
  width: 80,
};

describe("the first screen", () => {
  test("says where mail goes in and where it is seen, and that nothing leaves", () => {
    const text = firstRunText(FIRST_RUN);
    assert.match(text, /Nothing leaves this machine/);
    assert.match(text, /http:\/\/127\.0\.0\.1:8025\/lab$/m);
    assert.match(text, /swaks --server 127\.0\.0\.1:2525 /);
    assert.match(text, /smtp:\/\/lab:0123456789abcdef01234567@127\.0\.0\.1:2525'/);
    assert.match(text, /Bearer lab_(?:0123456789ab){3}'/);
  });

  test("fits 80 columns with the longest ports, in colour and without", () => {
    for (const color of [true, false]) {
      const long = { http: { host: "127.0.0.1", port: 65_535 }, smtp: { host: "127.0.0.1", port: 65_534 } };
      for (const line of firstRunText({ ...FIRST_RUN, ...long, color }).split("\n"))
        assert.ok(displayWidth(line) <= 80, `${displayWidth(line)}: ${line}`);
    }
  });

  test("holds no control sequence without colour", () => {
    // oxlint-disable-next-line no-control-regex
    assert.match(firstRunText(FIRST_RUN), /^[\x20-\x7e\n]+$/);
    assert.ok(firstRunText({ ...FIRST_RUN, color: true }).includes("\x1b["));
  });

  test("wraps its own words on a narrow terminal and leaves lines to paste whole", () => {
    const text = firstRunText({ ...FIRST_RUN, width: 50 });
    assert.match(text, /^ {2}Write postern\.yaml .{1,30}\n {2}\S/m);
    assert.match(text, /Authorization: Bearer lab_\w{36}' \\$/m);
  });

  test("shows a configuration that loads once its secrets are there", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "postern-first-run-"));
    try {
      const file = path.join(folder, "postern.yaml");
      writeFileSync(file, SAMPLE_CONFIGURATION);
      const environment = {
        ACME_PASSWORD: "acme-password",
        NORTH_PASSWORD: "north-password",
        SOUTH_PASSWORD: "south-password",
      };
      const settings = loadSettings({ file, environment, cwd: folder, random: systemRandom });
      assert.deepEqual(
        smtpProviders(settings).map((provider) => provider.host),
        ["smtp.north.example", "smtp.south.example"],
      );
      assert.deepEqual(warningsOf(settings), []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
