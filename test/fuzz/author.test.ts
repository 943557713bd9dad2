import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import nodemailerParser from "nodemailer/lib/addressparser";
import { addressParser as postalParser } from "postal-mime";
import { type Header, authorOf, foldedAddress, parseMailbox, readHeader } from "../../src/mail/index.ts";
import { fuzzRuns } from "../support/fuzz-runs.ts";

/**
 * Whose a message is, as others read it: where we find one author in From, two parsers of other projects must find the
 * same one and nobody else. A message that we take for the tenant's and a reader takes for the bank's is what this is about.
 */
const piece = fc.constantFrom(
  ...'<>()[],;:@\\" .%=?',
  '\\"',
  "a@acme.test",
  "<a@acme.test>",
  "b@evil.test",
  "<b@evil.test>",
  '"b@evil.test"',
  "(b@evil.test)",
  '"x" ',
  "Jane",
  "evil.test",
  "acme.test",
  "=?utf-8?q?b=40evil.test?=",
  "=?utf-8?b?YkBldmlsLnRlc3Q=?=",
  "=?utf-8?q?=3Cb=40evil.test=3E?=",
  "\r\n ",
  "\t",
  "team:",
  "é",
  "\u00a0",
);
const from = fc
  .tuple(
    fc.array(piece, { maxLength: 5 }),
    fc.constantFrom("a@acme.test", "<a@acme.test>", ""),
    fc.array(piece, { maxLength: 5 }),
  )
  .map(([before, core, after]) => [...before, core, ...after].join(""));

test("two other parsers see the author we see, and nobody else", () => {
  let agreed = 0;
  fc.assert(
    fc.property(from, (value) => {
      const header = readHeader(Buffer.from(`From: ${value}\r\n\r\n`), { headerBytes: 10_000, headerFields: 10 });
      if ("code" in header) return;
      const author = authorOf(header);
      if (author === undefined || parseMailbox(author) === null) return;
      agreed += 1;
      const shown = headerValueOf(header);
      for (const [name, parse] of [
        ["nodemailer", nodemailerParser],
        ["postal-mime", postalParser],
      ] as const)
        assert.deepEqual(
          addresses(parse(shown) as unknown as Parsed[]),
          [foldedAddress(author)],
          `${name} reads ${JSON.stringify(shown)}`,
        );
    }),
    { numRuns: fuzzRuns(25) },
  );
  assert.ok(agreed > fuzzRuns(25) / 50, `only ${agreed} had an author`);
});

type Parsed = { address?: string; group?: Parsed[] };
const addresses = (parsed: Parsed[]): string[] =>
  parsed.flatMap((one) => (one.group ? addresses(one.group) : one.address ? [foldedAddress(one.address)] : []));
const headerValueOf = (header: Header): string => header.fields[0]!.value;
