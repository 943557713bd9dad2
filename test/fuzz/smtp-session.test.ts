import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fakePort } from "../support/smtp-door.ts";
import { fuzzRuns } from "../support/fuzz-runs.ts";
import { type SessionClient, knownClient, newClient } from "../support/smtp-client.ts";

/** Small bounds, so that chance finds them. */
const LIMITS = { messageBytes: 3000, acceptInFlightBytes: 9000, recipientsPerMessage: 3, smtpErrorsPerSession: 20 };

/** What a client sends before it waits for replies. DATA stands at the end of a turn, as a client must have it. */
const ENVELOPES = [
  "MAIL FROM:<app@acme.test>\r\nRCPT TO:<one@customer.example>\r\nDATA\r\n",
  "MAIL FROM:<> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n",
];
const command = fc.constantFrom(
  ...ENVELOPES,
  "MAIL FROM:<app@acme.test>\r\n",
  "MAIL FROM:<app@acme.test> SIZE=99999999\r\n",
  "MAIL FROM:<jörg@acme.test> SMTPUTF8\r\n",
  "RCPT TO:<two@customer.example> NOTIFY=NEVER\r\n",
  "RCPT TO:<no address>\r\n",
  "DATA\r\n",
  "RSET\r\n",
  "NOOP\r\nNOOP\r\nVRFY bob\r\n",
  "EHLO again.example\r\n",
  "AUTH PLAIN\r\n",
  "AUTH LOGIN YXBw\r\n",
  "*\r\n",
  "AGFwcABvcGVuIHNlc2FtZQ==\r\n",
  "WIZ\r\n",
  "QUIT\r\n",
);
const fragment = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("\r\n", "Subject: x", ".", "..", "a", " ", "Grüße", "\r\n.", "\r\n..\r\n") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("\r", "\n", "\0", "\r\r\n", "\n.\n", "x".repeat(1100), "line\r\n".repeat(400)),
  },
);
const text = fc
  .tuple(
    fc.array(fragment, { maxLength: 12 }),
    fc.constantFrom("\r\n.\r\n", "\r\n.\r\n", "\r\n.\r\nNOOP\r\n", "\n.\n", ""),
  )
  .map(([parts, end]) => parts.join("") + end);
const turn = fc.oneof(command, text).map((words) => Buffer.from(words, "utf8"));
/** An envelope and then its text, as most sessions are; or a turn that may be out of place. */
const turns = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...ENVELOPES), text) },
      { weight: 2, arbitrary: fc.tuple(fc.oneof(command, text)) },
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((groups) => groups.flat().map((words) => Buffer.from(words, "utf8")));

/** Where to cut, and after which pieces the client waits a moment. */
const cuts = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 8 });

test("however a session is cut into pieces, its replies and messages are the same", async () => {
  await fc.assert(
    fc.asyncProperty(turns, fc.array(cuts, { minLength: 1, maxLength: 8 }), async (sent, places) => {
      const whole = await heardOf(sent.map((octets) => [octets, []]));
      const pieces = sent.map((octets, index): Turn => [octets, places[index % places.length]!]);
      assert.deepEqual(await heardOf(pieces), whole);
      const single = sent.map((octets): Turn => [octets, octets.length > 300 ? [] : everyOctet(octets)]);
      assert.deepEqual(await heardOf(single), whole);
    }),
    { numRuns: fuzzRuns() },
  );
});

test("whatever text a client stuffs and sends arrives octet by octet", async () => {
  const line = fc.oneof(
    fc.constantFrom("", ".", "..", ".x", "Subject: x"),
    fc.string({ maxLength: 40 }).map((words) => words.replace(/[\r\n\0]/g, "")),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 60 }), cuts, async (lines, where) => {
      const plain = Buffer.from(lines.map((words) => `${words}\r\n`).join(""), "utf8");
      const stuffed = Buffer.from(lines.map((words) => `${words.replace(/^\./, "..")}\r\n`).join("") + ".\r\n", "utf8");
      const port = fakePort();
      const client = knownClient(port, { messageBytes: 100_000 });
      client.say("MAIL FROM:<app@acme.test>\r\nRCPT TO:<one@customer.example>\r\nDATA\r\n");
      await sendInPieces(client, stuffed, where);
      await client.settled();
      assert.equal(port.taken.length, 1);
      assert.equal(port.taken[0]!.raw.compare(plain), 0);
    }),
    { numRuns: fuzzRuns() },
  );
});

test("no garbage throws, hangs a session, or is taken for a message where nobody is known", async () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
    turn,
    fc
      .constantFrom(
        "EHLO x\r\n",
        "STARTTLS\r\n",
        "BDAT 5 LAST\r\nabcde",
        "\x16\x03\x01\x02\x00",
        "\r\n\r\n",
        "x".repeat(9000),
      )
      .map((words) => Buffer.from(words, "latin1")),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(octets, cuts), { maxLength: 10 }), async (pieces) => {
      const port = fakePort();
      port.authenticatePassword = () => null;
      const client = newClient(port, LIMITS);
      for (const [some, where] of pieces) await sendInPieces(client, some, where);
      await client.settled();
      client.session.clientEnded();
      await client.settled();
      const { replies, messages, closed } = client.heard();
      assert.equal(closed, true, "the session ends when its client does");
      assert.equal(messages.length, 0);
      for (const reply of replies) assert.match(reply, /^[2-5]\d\d[ -][\x20-\x7e]*$/);
    }),
    { numRuns: fuzzRuns() },
  );
});

type Turn = [octets: Buffer, where: [at: number, wait: boolean][]];

async function heardOf(steps: readonly Turn[]) {
  const port = fakePort();
  const client = knownClient(port, LIMITS);
  for (const [octets, where] of steps) {
    await sendInPieces(client, octets, where);
    await client.settled();
  }
  const { replies, messages, closed } = client.heard();
  return {
    closed,
    replies: replies.map((reply) => (reply.startsWith("550 5.6.0") ? "550 5.6.0" : reply)), // which of two faults is named is chance
    messages: messages.map(({ raw, envelope }) => ({ raw: raw.toString("latin1"), envelope })),
  };
}

const everyOctet = (octets: Buffer): [number, boolean][] => Array.from(octets, (_, at) => [at, false]);

async function sendInPieces(client: SessionClient, octets: Buffer, where: Turn[1]): Promise<void> {
  let from = 0;
  const sorted = where.map(([at, wait]) => [at % (octets.length + 1), wait] as const).toSorted((a, b) => a[0] - b[0]);
  for (const [at, wait] of sorted) {
    if (at > from) client.send(octets.subarray(from, at));
    from = Math.max(from, at);
    if (wait) await client.settled();
  }
  if (from < octets.length) client.send(octets.subarray(from));
}
