import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { testData } from "../../test/support/test-data.ts";
import { type Header, addressesOf, authorOf, headerValue, readHeader, rewriteHeader } from "./header.ts";

const BOUNDS = { headerBytes: 64 * 1024, headerFields: 200 };
const read = (text: string, bounds = BOUNDS) => readHeader(Buffer.from(text, "utf8"), bounds);

function good(text: string): Header {
  const header = read(text);
  assert.ok("bodyStart" in header, JSON.stringify(header));
  return header;
}
const faultCode = (text: string, bounds = BOUNDS) => {
  const header = read(text, bounds);
  return "code" in header ? header.code : null;
};

test("fields are read in order, unfolded, with their places; the body begins after the empty line", () => {
  const text = "Subject: one\r\n two\r\nX-Other:\tü \r\n\r\nbody: no field\r\n";
  const header = good(text);
  assert.deepEqual(
    header.fields.map(({ name, value }) => [name, value]),
    [
      ["subject", "one two"],
      ["x-other", "ü"],
    ],
  );
  const raw = Buffer.from(text);
  assert.equal(raw.toString("utf8", header.fields[0]!.start, header.fields[0]!.end), "Subject: one\r\n two\r\n");
  assert.equal(raw.toString("utf8", header.bodyStart), "body: no field\r\n");
  assert.equal(headerValue(header, "x-other"), "ü");
  assert.equal(headerValue(header, "x-none"), undefined);
});

test("a message may be a header section alone, a body alone, or nothing", () => {
  assert.equal(good("A: b").bodyStart, 4);
  assert.equal(good("A: b\r\n").bodyStart, 6);
  assert.deepEqual(good("\r\nbody"), { fields: [], bodyStart: 2 });
  assert.deepEqual(good(""), { fields: [], bodyStart: 0 });
});

test("a line that is no field is refused: no colon, no name, folded from nothing, marks in the name", () => {
  for (const text of [
    "hello\r\n\r\n",
    ": x\r\n\r\n",
    " folded\r\n\r\n",
    "A b: x\r\n\r\n",
    "Ä: x\r\n\r\n",
    "A\x01: x\r\n\r\n",
    "From\u00a0: x\r\n\r\n",
  ])
    assert.equal(faultCode(text), "header-malformed", JSON.stringify(text));
  assert.equal(good("Subject : x\r\n\r\n").fields[0]!.name, "subject"); // RFC 5322 §4.5.8
});

test("fields that must stand once are refused twice, whatever their case; others may repeat", () => {
  for (const name of [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Date",
    "Subject",
    "Message-ID",
    "Content-Type",
    "MIME-Version",
  ])
    assert.equal(faultCode(`${name}: a\r\n${name.toUpperCase()} : b\r\n\r\n`), "header-repeated", name);
  assert.equal(faultCode("Received: a\r\nReceived: b\r\nX-A: 1\r\nX-A: 2\r\n\r\n"), null);
});

test("the section has bounds in bytes and fields, with and without folding and line ends", () => {
  const bounds = { headerBytes: 1_000, headerFields: 5 };
  assert.equal(faultCode("A: b\r\n".repeat(5) + "\r\n", bounds), null);
  assert.equal(faultCode("A: b\r\n".repeat(6) + "\r\n", bounds), "header-too-many-fields");
  for (const text of [
    `A: ${"x".repeat(1_100)}\r\n\r\n`,
    `A: b\r\n${" x\r\n".repeat(300)}\r\n`,
    `A: ${"x".repeat(2_000)}`,
  ])
    assert.equal(faultCode(text, bounds), "header-too-long", text.slice(0, 20));
  assert.equal(faultCode(`A: b\r\n\r\n${"body".repeat(1_000)}`, bounds), null);
});

test("a bomb of ten million header lines is refused in no time", () => {
  const bomb = Buffer.from("A: b\r\n".repeat(1_700_000));
  const startedAt = performance.now();
  assert.equal((readHeader(bomb, BOUNDS) as { code: string }).code, "header-too-many-fields");
  const folded = Buffer.from(`A: b\r\n${" \r\n".repeat(3_000_000)}`);
  assert.equal((readHeader(folded, BOUNDS) as { code: string }).code, "header-too-long");
  assert.ok(performance.now() - startedAt < 1_000);
});

test("addresses are found behind names, quotes and comments", () => {
  const cases: [string, string[]][] = [
    ["a@b.example", ["a@b.example"]],
    ["Jane <a@b.example>", ["a@b.example"]],
    ['"Doe, Jane <x@y>" <a@b.example>', ["a@b.example"]],
    ["a@b.example (Jane (the) Doe), <c@d.example>", ["a@b.example", "c@d.example"]],
    ["=?utf-8?q?J=40x?= <a@b.example>", ["a@b.example"]],
    [",a@b.example,,", ["a@b.example"]],
    ['"q\\"uote" <a@b.example>', ["a@b.example"]],
    ["A@b.example <a@B.example>", ["a@B.example"]], // no phrase, but common, and nobody else is named
    ["Doe. J. (Jane) <a@b.example>", ["a@b.example"]],
  ];
  for (const [value, expected] of cases) assert.deepEqual(addressesOf(value), expected, value);
});

test("text in which two readers could find two authors gives none", () => {
  for (const value of [
    "",
    "Jane",
    "a@b@c.example",
    "<a@b.example> <c@d.example>",
    "<a@b.example> c@d.example",
    "a@b.example <c@d.example",
    "a@b.example>",
    '"a@b.example" x"@internal',
    '"a@x.com x"@internal',
    "user@good.com(x)evil.com x",
    "group: a@b.example;",
    "<@route:a@b.example>",
    '"open <a@b.example>',
    "(open <a@b.example>",
    "a@b.example)",
    "<a @b.example>",
    "a@b.example <c@d.example>",
    "a@b.example: <c@d.example>",
    "[a@b.example] <c@d.example>",
    "a\\@b.example <c@d.example>",
    'a@b.example"," <c@d.example>',
    "a@b.example(x).d.example",
    "a(@d.example)@b.example",
    '"b@evil.example"a@acme.example',
    'a@acme.example,"b@evil.example"',
    "(b@evil.example),a@acme.example",
    "(b@evil.example);<a@acme.example>",
    "a@acme.example((b@evil.example))",
    "a@acme.example ((x)b@evil.example)",
  ])
    assert.deepEqual(addressesOf(value), [], value);
});

test("the author is the one address of From, or Sender where it is one of several", () => {
  const author = (fields: string) => authorOf(good(`${fields}\r\n\r\n`));
  assert.equal(author("From: Jane <a@b.example>"), "a@b.example");
  assert.equal(author("From: a@b.example, c@d.example\r\nSender: c@d.example"), "c@d.example");
  assert.equal(author("From: a@b.example, c@d.example"), undefined);
  assert.equal(author("From: a@b.example, c@d.example\r\nSender: e@f.example"), undefined);
  assert.equal(author("Sender: a@b.example"), undefined);
  assert.equal(author("Subject: x"), undefined);
});

test("rewriting adds before and after, drops by name, and touches no octet of the rest", () => {
  const raw = Buffer.from("A: 1\r\nX-Drop: a\r\n b\r\nB: \xff\r\nx-drop: c\r\n\r\nbody\r\n", "latin1");
  const header = readHeader(raw, BOUNDS) as Header;
  const change = { prepend: "P: 0\r\n", append: "Z: 9\r\n", drop: (name: string) => name === "x-drop" };
  assert.equal(
    rewriteHeader(raw, header, change).toString("latin1"),
    "P: 0\r\nA: 1\r\nB: \xff\r\nZ: 9\r\n\r\nbody\r\n",
  );
});

test("what is appended to a header section without a last line end is a field of its own", () => {
  for (const raw of ["From: a@b.example", "From: a@b.example\r\nX: 1\r\n\t", "From: a@b.example\r"]) {
    const header = readHeader(Buffer.from(raw), BOUNDS) as Header;
    const after = rewriteHeader(Buffer.from(raw), header, { prepend: "", append: "Date: now\r\n", drop: () => false });
    const again = readHeader(after, BOUNDS) as Header;
    assert.deepEqual([again.fields[0]!.value, headerValue(again, "date")], ["a@b.example", "now"], raw);
  }
});

test("a rewritten message reads back as the kept fields and the same body, whatever it was", () => {
  const name = fc.constantFrom("A", "B", "X-Drop");
  const value = fc.stringMatching(/^[ -~]{0,8}(?:\r\n [ -~]{1,8}){0,2}$/);
  const fields = fc.array(fc.tuple(name, value), { maxLength: 6 });
  const body = fc.option(fc.stringMatching(/^(?:[a-z:]{0,5}\r\n){0,3}$/), { nil: undefined });
  fc.assert(
    fc.property(fields, body, (all, text) => {
      const section = all.map(([key, content]) => `${key}:${content}\r\n`).join("");
      const raw = Buffer.from(text === undefined ? section : `${section}\r\n${text}`);
      const header = readHeader(raw, BOUNDS) as Header;
      const change = { prepend: "P: 0\r\n", append: "Z: 9\r\n", drop: (key: string) => key === "x-drop" };
      const after = rewriteHeader(raw, header, change);
      const again = readHeader(after, BOUNDS) as Header;
      const kept = header.fields.filter((field) => field.name !== "x-drop");
      assert.deepEqual(
        again.fields.map((field) => [field.name, field.value]),
        [["p", "0"], ...kept.map((field) => [field.name, field.value]), ["z", "9"]],
      );
      assert.equal(after.toString("utf8", again.bodyStart), text ?? "");
    }),
    { numRuns: fuzzRuns(2) },
  );
});

test("no octets at all make it throw, loop or point outside of the message", () => {
  const octets = fc.array(fc.constantFrom(..."ab:, \r\n\t\0\x80", "\r\n", "From:", "\r\n\r\n"), { maxLength: 40 });
  fc.assert(
    fc.property(octets, (parts) => {
      const raw = Buffer.from(parts.join(""), "latin1");
      const header = readHeader(raw, { headerBytes: 30, headerFields: 4 });
      if (!("bodyStart" in header)) return;
      assert.ok(header.bodyStart <= raw.length);
      let at = 0;
      for (const field of header.fields) {
        assert.equal(field.start, at);
        assert.ok(field.end > field.start);
        at = field.end;
      }
      authorOf(header);
    }),
    { numRuns: fuzzRuns(5) },
  );
});

const ham = testData("ham", "open");
test("real mail has one author, with rare exceptions", { skip: ham.skip }, () => {
  const files = globSync("**/*", { cwd: ham.folder, withFileTypes: true }).filter((entry) => entry.isFile());
  const authors = files.filter((file) => {
    const text = readFileSync(path.join(file.parentPath, file.name), "latin1").replace(/^From .*\r?\n/, "");
    const header = readHeader(Buffer.from(text.replaceAll(/\r?\n/g, "\r\n"), "latin1"), BOUNDS);
    return "bodyStart" in header && authorOf(header) !== undefined;
  });
  assert.ok(authors.length >= files.length * 0.99, `${authors.length} of ${files.length}`);
});
