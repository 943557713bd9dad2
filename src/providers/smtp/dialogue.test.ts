import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SOME_TEXT, someEnvelope, someHandoff } from "../../../test/contract/provider-contract.ts";
import { fuzzRuns } from "../../../test/support/fuzz-runs.ts";
import { type Act, line, type Script } from "../../../test/support/scripted-smtp-server.ts";
import { smtpPair } from "../../../test/support/smtp-settings.ts";
import { type Mailbox, parseMailbox } from "../../mail/index.ts";
import type { Handoff, Provider } from "../index.ts";

const brief = async (provider: Provider, handoff: Handoff = someHandoff(1)): Promise<string[]> => {
  const { recipients } = await provider.handOff(handoff, new AbortController().signal);
  return recipients.map(({ kind, cause }) => `${kind} ${cause}`);
};
const ONE_BY_ONE = ["8BITMIME", "SIZE"];
const PIPELINED = ["PIPELINING", "8BITMIME", "SIZE"];
const CHUNKED = ["PIPELINING", "8BITMIME", "CHUNKING"];

test("every body arrives as it was handed over, by DATA and by BDAT", async (context) => {
  const octet = fc.oneof(
    fc.constantFrom(0x2e, 0x2e, 0x20, 0x61),
    fc.integer({ min: 1, max: 255 }).filter((one) => one !== 0x0a && one !== 0x0d),
  );
  const textLine = fc.array(octet, { maxLength: 6 }).map((octets) => Buffer.from(octets));
  const body = fc
    .array(textLine, { maxLength: 12 })
    .map((lines) => Buffer.concat(lines.flatMap((one, n) => (n === 0 ? [one] : [CRLF, one]))));
  for (const offers of [ONE_BY_ONE, PIPELINED, CHUNKED]) {
    const { provider, server } = await smtpPair(context, { offers });
    const check = fc.asyncProperty(body, async (raw) => {
      const handoff = someHandoff(1, { raw, envelope: someEnvelope(1, { needs8bit: true }) });
      assert.deepEqual(await brief(provider, handoff), ["accepted accepted"]);
      assert.equal(server.messages.at(-1)!.raw.toString("latin1"), endedByCrlf(raw, offers).toString("latin1"));
    });
    await fc.assert(check, { numRuns: fuzzRuns(0.5) });
  }
});
const CRLF = Buffer.from("\r\n");
/** Text always ends in CRLF; nothing at all is nothing by DATA, and an empty line by BDAT. */
const endedByCrlf = (raw: Buffer, offers: readonly string[]): Buffer =>
  raw.subarray(-2).equals(CRLF) || (raw.length === 0 && offers !== CHUNKED) ? raw : Buffer.concat([raw, CRLF]);

test("a long message arrives whole, dots at the seams and all", async (context) => {
  const raw = Buffer.from("Subject: long\r\n\r\n" + ".\r\n".repeat(400_000));
  for (const offers of [PIPELINED, CHUNKED]) {
    const { provider, server } = await smtpPair(context, { offers });
    assert.deepEqual(await brief(provider, someHandoff(1, { raw })), ["accepted accepted"]);
    assert.ok(server.messages[0]!.raw.equals(raw));
  }
});

const LONG = Buffer.alloc(32 * 1024 * 1024, `${"x".repeat(70)}\r\n`); // more than two sockets' buffers hold

test("a long message that breaks in the middle is a deferral: its end was never sent", async (context) => {
  const offers = PIPELINED;
  const silent = await smtpPair(context, { offers, data: () => line("354 Go", "stall") }, { replyTimeoutMs: 300 });
  assert.deepEqual(await brief(silent.provider, someHandoff(1, { raw: LONG })), ["deferred reply-timeout"]);
  const closing = await smtpPair(context, { offers, data: () => line("354 Go", "close") });
  assert.deepEqual(await brief(closing.provider, someHandoff(1, { raw: LONG })), ["deferred connection-lost"]);
});

test("a refusal in the middle of a long message is its outcome", async (context) => {
  const during = (octets: number) => (octets > 1_000_000 ? line("552 5.3.4 Too big", "stall") : null);
  const { provider } = await smtpPair(context, { offers: PIPELINED, during });
  assert.deepEqual(await brief(provider, someHandoff(1, { raw: LONG })), ["rejected message-too-large"]);
});

test("pipelined: one write up to DATA, and each refusal is its recipient's own", async (context) => {
  const answers = ["250 Ok", "450 4.2.1 Busy", "550 5.1.1 No", "251 Forwarded"];
  let n = 0;
  const { provider, server } = await smtpPair(context, { offers: PIPELINED, rcpt: () => line(answers[n++]!) });
  assert.deepEqual(await brief(provider, someHandoff(4)), [
    "accepted accepted",
    "deferred temporary-failure",
    "rejected mailbox-unavailable",
    "accepted accepted",
  ]);
  assert.equal(server.messages[0]!.recipients.length, 2);
});

test("one by one: nothing is asked after a refusal that decides", async (context) => {
  const refused = await smtpPair(context, { offers: ONE_BY_ONE, mail: () => line("451 4.3.0 Later") });
  assert.deepEqual(await brief(refused.provider), ["deferred temporary-failure"]);
  assert.deepEqual(verbs(refused.server.commands), ["EHLO", "MAIL"]);
  const script = { offers: ONE_BY_ONE, rcpt: () => line("550 5.1.1 No") };
  const nobody = await smtpPair(context, script, { connections: 1 });
  assert.deepEqual(await brief(nobody.provider, someHandoff(2)), Array(2).fill("rejected mailbox-unavailable"));
  await brief(nobody.provider);
  assert.equal(verbs(nobody.server.commands).slice(0, 7).join(" "), "EHLO MAIL RCPT RCPT RSET MAIL RCPT");
});
const verbs = (commands: readonly string[]): string[] => commands.map((command) => command.split(/[ :]/)[0]!);

test("354 though nobody was accepted is answered by the dot alone, and the connection goes on", async (context) => {
  let refuse = true;
  const script: Partial<Script> = {
    offers: PIPELINED,
    rcpt: () => line(refuse ? "550 5.1.1 No" : "250 Ok"),
    data: () => line("354 Go ahead"),
    text: ({ recipients }) => line(recipients.length === 0 ? "554 5.5.1 No valid recipients" : "250 Ok"),
  };
  const { provider, server } = await smtpPair(context, script);
  assert.deepEqual(await brief(provider), ["rejected mailbox-unavailable"]);
  assert.deepEqual(
    server.messages.map(({ raw }) => raw.length),
    [0],
    "nothing but the dot",
  );
  refuse = false;
  assert.deepEqual(await brief(provider), ["accepted accepted"]);
  assert.equal(server.connections, 1);
});

test("after a refusal that leaves a transaction open comes RSET, on the same connection", async (context) => {
  let refuse = true;
  const { provider, server } = await smtpPair(context, {
    offers: PIPELINED,
    data: () => line(refuse ? "451 4.3.0 Later" : "354 Go"),
  });
  assert.deepEqual(await brief(provider), ["deferred temporary-failure"]);
  refuse = false;
  assert.deepEqual(await brief(provider), ["accepted accepted"]);
  assert.ok(server.commands.includes("RSET"));
});

test("after a refused chunk comes RSET", async (context) => {
  const { provider, server } = await smtpPair(context, { offers: CHUNKED, text: () => line("554 5.6.0 No") });
  assert.deepEqual(await brief(provider), ["rejected message-refused"]);
  assert.deepEqual(await brief(provider), ["rejected message-refused"]);
  assert.deepEqual(verbs(server.commands).slice(1, 5), ["MAIL", "RCPT", "BDAT", "RSET"]);
});

test("a server that refuses MAIL and goes on all the same gets no dot, and no other message", async (context) => {
  let refuse = true;
  const { provider, server } = await smtpPair(context, {
    offers: PIPELINED,
    mail: () => line(refuse ? "550 5.7.1 No" : "250 Ok"),
    data: () => line("354 Go ahead"),
  });
  assert.deepEqual(await brief(provider), ["rejected not-permitted"]);
  refuse = false;
  assert.deepEqual(await brief(provider), ["accepted accepted"]);
  assert.equal(server.connections, 2, "the first one waits for a text");
  assert.deepEqual(
    server.messages.map(({ raw }) => raw.toString()),
    [SOME_TEXT],
  );
});

test("an answer sent ahead is not taken for the answer to the text", async (context) => {
  for (const ahead of ["250 2.0.0 Ok: queued as FAKE\r\n", "250 "]) {
    const { provider, server } = await smtpPair(context, {
      offers: PIPELINED,
      data: () => ({ say: `354 Go ahead\r\n${ahead}` }),
    });
    assert.deepEqual(await brief(provider), ["deferred protocol-error"]);
    assert.deepEqual(server.messages, [], "and the text was not sent");
  }
});

test("an answer nobody asked for, whole or begun, ends the connection before the next message", async (context) => {
  for (const more of ["250 Ok\r\n", "250"]) {
    let first = true;
    const { provider, server } = await smtpPair(context, {
      text: () => {
        const act: Act = { say: first ? `250 Ok\r\n${more}` : "451 4.3.0 Later\r\n" };
        first = false;
        return act;
      },
    });
    assert.deepEqual(await brief(provider), ["accepted accepted"]);
    assert.deepEqual(await brief(provider), ["deferred temporary-failure"], "not the second 250");
    assert.equal(server.connections, 2);
  }
});

test("421 in the middle is the outcome of all that are left", async (context) => {
  let n = 0;
  const { provider } = await smtpPair(context, {
    offers: PIPELINED,
    rcpt: () => (n++ === 0 ? line("550 5.1.1 No") : line("421 4.3.2 Going down", "close")),
  });
  assert.deepEqual(await brief(provider, someHandoff(3)), [
    "rejected mailbox-unavailable",
    "deferred service-unavailable",
    "deferred service-unavailable",
  ]);
});

test("what a refused recipient was told stays, whatever becomes of the rest", async (context) => {
  const { provider } = await smtpPair(context, {
    offers: PIPELINED,
    rcpt: (command) => line(command.includes("rcpt0") ? "550 5.1.1 No" : "250 Ok"),
    text: () => "reset",
  });
  assert.deepEqual(await brief(provider, someHandoff(2)), [
    "rejected mailbox-unavailable",
    "indeterminate connection-lost-after-data",
  ]);
});

test("SMTPUTF8 and 8BITMIME are asked for, or the message does not go this way", async (context) => {
  const mailbox = parseMailbox("jörg@exämple.net")!;
  const envelope = someEnvelope(1, { recipients: [{ mailbox, dsn: {} }], needsSmtputf8: true, needs8bit: true });
  const able = await smtpPair(context, {});
  assert.deepEqual(await brief(able.provider, someHandoff(1, { envelope })), ["accepted accepted"]);
  assert.match(able.server.messages[0]!.mail, / BODY=8BITMIME SMTPUTF8$/);
  assert.equal(able.server.messages[0]!.recipients[0], "RCPT TO:<jörg@exämple.net>");
  const unable = await smtpPair(context, { offers: PIPELINED });
  assert.deepEqual(await brief(unable.provider, someHandoff(1, { envelope })), ["rejected smtputf8-not-supported"]);
  assert.deepEqual(verbs(unable.server.commands), ["EHLO"]);
});

test("a forged envelope or a smuggled end never reaches the wire, and the connection stays good", async (context) => {
  const { provider, server } = await smtpPair(context, {});
  const mailbox: Mailbox = { localPart: "x", domain: "y", address: "x@y>\r\nDATA\r\n", needsSmtputf8: false };
  const envelopes = [
    someEnvelope(1, { returnPath: mailbox }),
    someEnvelope(0, { recipients: [{ mailbox, dsn: {} }] }),
    someEnvelope(1, { dsn: { envelopeId: "a\r\nRSET" } }),
    someEnvelope(0, { recipients: [{ mailbox: parseMailbox("a@b.example")!, dsn: { original: "rfc822;a\r\nRSET" } }] }),
  ];
  for (const envelope of envelopes) {
    assert.deepEqual(await brief(provider, someHandoff(1, { envelope })), ["rejected envelope-unsafe"]);
  }
  const raw = Buffer.from("a\r\n\n.\r\nMAIL FROM:<x@y>\r\n");
  assert.deepEqual(await brief(provider, someHandoff(1, { raw })), ["rejected message-text-unsafe"]);
  assert.deepEqual(server.commands, ["EHLO postern.example"]);
  assert.deepEqual(await brief(provider), ["accepted accepted"]);
  assert.equal(server.connections, 1);
});

test("no recipients, no call", async (context) => {
  const { provider, server } = await smtpPair(context, {});
  assert.deepEqual(await brief(provider, someHandoff(0)), []);
  assert.equal(server.connections, 0);
});
