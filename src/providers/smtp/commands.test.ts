import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { someEnvelope } from "../../../test/contract/provider-contract.ts";
import { fuzzRuns } from "../../../test/support/fuzz-runs.ts";
import { type Envelope, type Mailbox, parseMailbox } from "../../mail/index.ts";
import { NO_CAPABILITIES, parseCapabilities } from "./capabilities.ts";
import { beyondServer, commandsFor, UnsafeEnvelope } from "./commands.ts";

const ALL = parseCapabilities({
  code: 250,
  text: "mx.example greets you\nPIPELINING\nSIZE 5000\n8BITMIME\nSMTPUTF8\nDSN\nAUTH PLAIN LOGIN\nAUTH=PLAIN CRAM-MD5\nSTARTTLS\nX-NEW",
});

test("the answer to EHLO is read line by line; its first line is only a greeting", () => {
  assert.deepEqual(ALL, {
    pipelining: true,
    sizeBytes: 5000,
    eightBitMime: true,
    smtputf8: true,
    dsn: true,
    chunking: false,
    startTls: true,
    auth: ["PLAIN", "LOGIN", "CRAM-MD5"],
  });
  assert.deepEqual(parseCapabilities({ code: 250, text: "PIPELINING" }), NO_CAPABILITIES);
  assert.equal(parseCapabilities({ code: 250, text: "x\nsize\nchunking" }).sizeBytes, 0);
});

const full: Envelope = {
  ...someEnvelope(1, { needs8bit: true }),
  recipients: [
    { mailbox: parseMailbox("b@example.net")!, dsn: { notify: "SUCCESS,FAILURE", original: "rfc822;b@example.net" } },
  ],
  dsn: { returnContent: "HDRS", envelopeId: "QQ314159" },
};

test("parameters go only to a server that offers their extension", () => {
  assert.deepEqual(commandsFor(full, ALL, 1234), [
    "MAIL FROM:<bounces@account.acme.example> SIZE=1234 BODY=8BITMIME RET=HDRS ENVID=QQ314159\r\n",
    "RCPT TO:<b@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@example.net\r\n",
    "DATA\r\n",
  ]);
  assert.deepEqual(commandsFor(full, NO_CAPABILITIES, 1234), [
    "MAIL FROM:<bounces@account.acme.example>\r\n",
    "RCPT TO:<b@example.net>\r\n",
    "DATA\r\n",
  ]);
  assert.equal(commandsFor(full, { ...ALL, chunking: true }, 1).length, 2, "no DATA where chunks are taken");
  assert.equal(commandsFor({ ...full, returnPath: null }, NO_CAPABILITIES, 1)[0], "MAIL FROM:<>\r\n");
});

test("what the server cannot carry is refused before it is asked", () => {
  assert.equal(beyondServer(full, ALL, 5000), null);
  assert.equal(beyondServer(full, ALL, 5001)?.cause, "message-too-large");
  assert.equal(beyondServer(full, { ...ALL, sizeBytes: 0 }, 9_999_999), null, "SIZE without a number is no limit");
  assert.equal(beyondServer(full, { ...ALL, eightBitMime: false }, 1)?.cause, "eightbit-not-supported");
  const utf8 = someEnvelope(1, { needsSmtputf8: true });
  assert.deepEqual(beyondServer(utf8, NO_CAPABILITIES, 1), {
    kind: "rejected",
    scope: "account",
    cause: "smtputf8-not-supported",
  });
});

const forged = (address: string): Mailbox => ({ localPart: "a", domain: "b", address, needsSmtputf8: true });

test("an address or parameter that would end its command never becomes one", () => {
  const bad = ["a@b\r\nDATA", "a@b\n", "a@b\r", "a@b>", "<a@b", "a@b SIZE=1", "a\u0000@b", "a\u0085@b", "a\u2028@b"];
  for (const address of bad) {
    const recipients = [{ mailbox: forged(address), dsn: {} }];
    assert.throws(() => commandsFor(someEnvelope(0, { recipients, needsSmtputf8: true }), ALL, 1), UnsafeEnvelope);
    const returnPath = forged(address);
    assert.throws(() => commandsFor(someEnvelope(1, { returnPath, needsSmtputf8: true }), ALL, 1), UnsafeEnvelope);
  }
  const returnPath = forged("ä@b.example");
  assert.throws(() => commandsFor(someEnvelope(1, { returnPath }), ALL, 1), UnsafeEnvelope, "8 bits, not announced");
});

test("whatever an envelope holds, each command is one line of as many words as it should have", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom("a@b.example\r\nRSET", "x y", "FULL", "\r\n", "a@b>"));
  fc.assert(
    fc.property(text, text, text, text, text, text, (from, to, notify, original, envelopeId, returnContent) => {
      const envelope = {
        returnPath: forged(from),
        recipients: [{ mailbox: forged(to), dsn: { notify, original } }],
        dsn: { envelopeId, returnContent: returnContent as "FULL" },
        needsSmtputf8: true,
        needs8bit: true,
      };
      let commands: string[];
      try {
        commands = commandsFor(envelope, ALL, 1);
      } catch (error) {
        assert.ok(error instanceof UnsafeEnvelope);
        return;
      }
      const words = commands.map((command) => {
        assert.match(command, /^[^\r\n]+\r\n$/);
        return command.trimEnd().split(/[\p{Z}\p{Cc}]/u).length;
      });
      assert.deepEqual(words, [7, 4, 1]);
    }),
    { numRuns: fuzzRuns() },
  );
});
