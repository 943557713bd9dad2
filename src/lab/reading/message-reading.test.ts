import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { testData } from "../../../test/support/test-data.ts";
import type { LabMessage } from "../inbox.ts";
import { linksOf } from "./links.ts";
import { readMessage } from "./message-reading.ts";
import { readable, summaryOf } from "./summary.ts";

const messageOf = (raw: Buffer): LabMessage => ({
  id: 1,
  provider: "harbour",
  takenAt: 0,
  envelope: {
    returnPath: "back@lab.test",
    parameters: [],
    recipients: [{ address: "mara@example.com", parameters: [] }],
    smtputf8: false,
  },
  raw,
  receipt: null,
  seen: false,
});

describe("a line of the inbox", () => {
  test("falls back on the envelope where the header says nothing", () => {
    const { from, to, subject } = summaryOf(messageOf(Buffer.from("X: 1\r\n\r\nFrom: body@lab.test")));
    assert.deepEqual([from, to, subject], ["back@lab.test", "mara@example.com", ""]);
  });

  test("reads folded fields and encoded words, and shows no control", () => {
    const raw = "SUBJECT : =?utf-8?B?R3LDvMOfZQ==?=\r\n =?utf-8?Q?_=0D=0ABcc:_x?=\r\nTo: a@b.c\r\n\r\n";
    const { subject } = summaryOf(messageOf(Buffer.from(raw)));
    assert.match(subject, /^Grüße +Bcc: x$/);
    assert.doesNotMatch(readable("a\u202eb\u2066c\u0007d"), /[\u202e\u2066\u0007]/);
  });
});

describe("a message", () => {
  test("with a hundred thousand parts is not taken apart, so that looking at it stops nothing else", async () => {
    const raw = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\n".repeat(100_000)}`;
    const { fault } = await readMessage(Buffer.from(raw));
    assert.match(fault!, /more than 10000 lines/);
  });

  test("names at most 50 links, each once, none that is not the web's", () => {
    const many = Array.from({ length: 80 }, (_, n) => `https://a.example/${n % 60}`).join(" ");
    assert.equal(linksOf(null, many).length, 50);
    assert.deepEqual(linksOf("<a href='data:text/html,x'>x</a><a href=\"//evil.example\">", "ftp://x.example/"), []);
    assert.deepEqual(linksOf(`<a href="https://b\u00fccher.example/">x</a>`, null), ["https://xn--bcher-kva.example/"]);
  });

  const data = testData("smtp-mime", "open");
  test("of the world's odd ones can always be shown", { skip: data.skip }, async () => {
    const files = globSync("**/*.eml", { cwd: data.folder });
    assert.ok(files.length > 20);
    for (const file of files) {
      const raw = readFileSync(path.join(data.folder, file));
      summaryOf(messageOf(raw));
      assert.equal((await readMessage(raw)).fault, null, file);
    }
  });
});
