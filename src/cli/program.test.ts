import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { commandLine } from "../../test/support/command-line.ts";
import { displayWidth } from "./text.ts";

const line = commandLine({});
after(() => line.close());

const COMMANDS = [
  [],
  ["serve"],
  ["migrate"],
  ["doctor"],
  ["send"],
  ["webhooks"],
  ["inspect"],
  ["inspect", "dsn"],
  ["inspect", "webhook"],
  ["queue"],
  ["lab"],
  ...["status", "fault", "release", "insider"].map((name) => ["lab", name]),
  ...["list", "show", "hold", "release", "retry", "expire", "cancel", "stats"].map((name) => ["queue", name]),
];

describe("help", () => {
  for (const words of COMMANDS)
    test(`of ${["postern", ...words].join(" ")}: by word and by option, and it fits the terminal`, async () => {
      const { code, out, err } = await line.run(["help", ...words], { columns: 80 });
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, new RegExp(`^Usage: ${["postern", ...words].join(" ")} `));
      assert.equal((await line.run([...words, "--help"], { columns: 80 })).out, out);
      // What follows are lines to paste.
      const [prose = ""] = out.split("\nExample");
      for (const text of prose.split("\n")) assert.ok(displayWidth(text) <= 80, text);
    });
});

describe("words that mean nothing", () => {
  const cases: [words: string[], sentence: RegExp][] = [
    [["docter"], /unknown command 'docter'\n\(Did you mean doctor\?\)/],
    [["queue", "relaese", "x"], /Did you mean release\?/],
    [["doctor", "--jsn"], /Did you mean --json\?/],
    [["queue", "show"], /missing required argument 'id'/],
    [["send", "--timeout", "soon"], /duration such as 30s or 5m/],
    [["send", "--smtp", "nowhere"], /host:port/],
    [["migrate", "now"], /too many arguments/],
    [[], /^Usage: postern/],
  ];
  for (const [words, sentence] of cases)
    test(`${["postern", ...words].join(" ")} is the caller's mistake (2)`, async () => {
      const { code, out, err } = await line.run(words);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, sentence);
    });
});

test("--version names the version and the Node.js it runs on", async () => {
  assert.match((await line.run(["--version"])).out, /^postern \d+\.\d+\.\d+ \(Node\.js v\d+/);
});
