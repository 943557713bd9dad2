import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { type Header, foldedAddress, readHeader, textFault } from "../../src/mail/index.ts";
import { type TestDoor, startTestDoor } from "../support/http-door.ts";
import { fuzzRuns } from "../support/fuzz-runs.ts";

/** Requests of any kind at the real door: each gets a clear answer, none a fault of ours, and what is taken is one clean message. */
let door: TestDoor;
before(async () => (door = await startTestDoor({ limits: { messageBytes: 100_000 } })));
after(() => door.stop());

const odd = fc.constantFrom<unknown>(
  null,
  true,
  0,
  -1,
  1e308,
  "",
  " ",
  "\r\nBcc: x@evil.test",
  "\u0000",
  "\ud800",
  "\u202e",
  "a@b",
  "Ada <ada@example.com>",
  "a@b.example, c@d.example",
  "=?utf-8?q?x?=",
  [],
  {},
  [[]],
  { __proto__: null },
  { email: "a@acme.test" },
  { email: "a@acme.test", name: "x\r\ny" },
  "x".repeat(3_000),
);
const mailbox = fc.constantFrom<unknown>("ada@example.com", "Ada <ada@example.com>", '"Ada, L." <ada@example.com>', {
  email: "ada@example.com",
  name: "Ada, L. =?utf-8?q?x?=",
});
const mailboxes = fc.array(mailbox, { maxLength: 3 });
const text = fc.string({ maxLength: 80, unit: "grapheme" });
/** A message as it should be, … */
const good = fc.record(
  {
    from: fc.constantFrom<unknown>("app@acme.test", "Acme <app@acme.test>"),
    to: fc.array(mailbox, { minLength: 1, maxLength: 3 }),
    subject: text,
    text,
    html: text,
    cc: mailboxes,
    bcc: mailboxes,
    headers: fc.dictionary(fc.constantFrom("X-Campaign", "X-1"), text, { maxKeys: 2 }),
    attachments: fc.array(
      fc.record({ filename: text, contentType: fc.constant("text/plain"), content: fc.constant("aGVsbG8=") }),
      { maxLength: 2 },
    ),
    messageId: fc.constant("<1@acme.test>"),
    stream: fc.constant("alerts"),
    tags: fc.dictionary(fc.constantFrom("a", "b"), text, { maxKeys: 2 }),
    envelope: fc.record({ returnPath: fc.constantFrom("app@acme.test", null) }),
  },
  { requiredKeys: ["from", "to", "subject", "text"] },
);
/** … and up to two places of it that are not. */
const place = fc.constantFrom(
  ..."from to cc bcc replyTo subject text html headers attachments messageId stream tags envelope other".split(" "),
);
const change = fc.oneof(
  fc.tuple(place, odd),
  fc.tuple(fc.constantFrom("to", "cc", "bcc", "attachments"), fc.array(odd, { maxLength: 2 }) as fc.Arbitrary<unknown>),
  fc.tuple(
    fc.constantFrom("headers", "tags", "envelope"),
    fc.dictionary(fc.constantFrom("Received", "Bcc", "X-Postern-Id", "x y", "returnPath", "recipients", ""), odd, {
      maxKeys: 2,
    }) as fc.Arbitrary<unknown>,
  ),
);
const nearly = fc
  .tuple(good, fc.array(change, { maxLength: 2 }))
  .map(([message, changes]): unknown => ({ ...message, ...Object.fromEntries(changes) }));
const json = fc.oneof(
  { weight: 8, arbitrary: nearly },
  { weight: 1, arbitrary: fc.jsonValue() as fc.Arbitrary<unknown> },
);

/** Everybody that a value above names. */
const SENDERS = new Set(["app@acme.test", "ada@example.com", "a@acme.test", "a@b"]);

test("whatever JSON is posted, the answer is 202 or a problem that says what is wrong; what is taken is one clean message", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      const had = door.port.submissions.length;
      const reply = await door.post("/v1/messages", value);
      await isClear(reply);
      const submissions = door.port.submissions.slice(had);
      assert.equal(submissions.length, reply.status === 202 ? 1 : 0);
      if (reply.status !== 202) return;
      taken += 1;
      const { raw, envelope } = submissions[0]!;
      assert.equal(textFault(raw, 998), null);
      const header = readHeader(raw, { headerBytes: 64 * 1024, headerFields: 200 }) as Header;
      assert.ok("bodyStart" in header);
      assert.ok(!header.fields.some((one) => one.name === "bcc"));
      const read = await PostalMime.parse(raw);
      assert.ok(SENDERS.has(foldedAddress(read.from?.address ?? "")), read.from?.address);
      const named = [...(read.to ?? []), ...(read.cc ?? [])].map((one) => foldedAddress(one.address ?? ""));
      for (const one of named)
        assert.ok(["ada@example.com", "a@acme.test", "a@b"].includes(one), `${one} was named by nobody`);
      assert.ok(envelope.recipients.length > 0);
    }),
    { numRuns: fuzzRuns() },
  );
  assert.deepEqual(door.logged, [], "no fault of ours");
  assert.ok(taken > fuzzRuns() / 50, `only ${taken} were taken`);
});

test("a batch of anything answers for each, or refuses the whole", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.record({ messages: fc.array(json, { maxLength: 4 }) }), json), async (value) => {
      const reply = await door.post("/v1/messages/batch", value);
      await isClear(reply);
    }),
    { numRuns: fuzzRuns(0.5) },
  );
  assert.deepEqual(door.logged, []);
});

test("octets that are no JSON, or claim to be what they are not, get a problem", async () => {
  const type = fc.constantFrom(
    "application/json",
    "application/json; charset=utf-16",
    "message/rfc822",
    "text/plain",
    "multipart/form-data",
    "x/y",
    "application/JSON;;",
  );
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .constantFrom(
        "{",
        '{"a":',
        "[",
        '"',
        "{}{}",
        '{"__proto__":{"x":1}}',
        '{"from":"a","from":"b"}',
        "\ufeff{}",
        "null",
      )
      .map((one) => Buffer.from(one)),
  );
  const header = fc.constantFrom<Record<string, string>>(
    {},
    { "idempotency-key": "k" },
    { "idempotency-key": "x".repeat(300) },
    { "x-postern-stream": "nowhere" },
    { "content-encoding": "gzip" },
  );
  await fc.assert(
    fc.asyncProperty(type, octets, header, async (contentType, some, more) => {
      const reply = await door.ask("/v1/messages", {
        method: "POST",
        headers: { "content-type": contentType, ...more },
        body: Buffer.from(some),
      });
      await isClear(reply);
      if (contentType !== "message/rfc822") assert.notEqual(reply.status, 202);
    }),
    { numRuns: fuzzRuns() },
  );
  assert.deepEqual(door.logged, []);
});

test("paths and questions of any kind get an answer", async () => {
  const word = fc.oneof(
    fc.constantFrom(
      "messages",
      "problems",
      "openapi.json",
      "..",
      "%2e%2e",
      "%00",
      "%ff",
      "01957a10-2f40-7abc-8def-0123456789ab",
      "cancel",
      "suppressions",
    ),
    fc.webSegment(),
  );
  const question = fc.constantFrom(
    "",
    "?limit=0",
    "?limit=1e9",
    "?limit=x",
    "?after=x",
    "?state=none",
    "?acceptedAfter=yesterday",
    "?recipient=%00",
    "?recipient=a&recipient=b",
    "?__proto__=x",
    "?stream[]=x",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { maxLength: 3 }),
      question,
      fc.constantFrom("GET", "POST", "DELETE", "PUT"),
      async (words, asked, method) => {
        const reply = await door.ask(`/v1/${words.join("/")}${asked}`, { method });
        await isClear(reply);
      },
    ),
    { numRuns: fuzzRuns() },
  );
  assert.deepEqual(door.logged, []);
});

/** 2xx with JSON, or a problem document whose status is the answer's and whose code is one. */
async function isClear(reply: Response): Promise<void> {
  const said = await reply.text();
  assert.ok(reply.status < 500, `${reply.status} ${said}`);
  if (reply.status < 300 || reply.status === 304) return;
  assert.match(reply.headers.get("content-type") ?? "", /^application\/problem\+json/);
  const problem = JSON.parse(said) as { status: number; code: string; detail: string };
  assert.equal(problem.status, reply.status);
  assert.match(problem.code, /^[a-z0-9-]+$/);
  assert.ok(problem.detail.length > 20);
}
