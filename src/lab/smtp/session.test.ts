import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, beforeEach, describe, test } from "node:test";
import { connect as connectTls, createSecureContext } from "node:tls";
import { testData } from "../../../test/support/test-data.ts";
import { type VirtualClock, virtualClock } from "../../../test/support/virtual-clock.ts";
import { silentLog } from "../../kernel/index.ts";
import { LabInbox } from "../inbox.ts";
import { LabProvider } from "../lab-provider.ts";
import { MODE_RULES } from "../modes.ts";
import { selfSigned } from "../twins/self-signed.ts";
import { type SessionPeer, speakSmtp } from "./session.ts";
import { dial, greeted, send } from "./wire-for-tests.ts";

describe("a lab provider speaks SMTP", () => {
  let clock: VirtualClock;
  let inbox: LabInbox;
  let provider: LabProvider;
  let port: number;

  before(async () => {
    clock = virtualClock();
    inbox = new LabInbox();
    const address = { host: "127.0.0.1", port: 0 };
    provider = new LabProvider({ name: "harbour", address, inbox, clock, log: silentLog, changed: () => {} });
    await provider.start();
    port = provider.address.port;
  });
  beforeEach(() => inbox.clear());
  after(() => provider.stop());

  const newest = () => inbox.newest()[0]!;

  test("and offers what Postern may use", async () => {
    const wire = await dial(port);
    assert.equal(await wire.reply(), "220 harbour.lab.test ESMTP Postern lab");
    assert.equal(
      await wire.say("EHLO client.test"),
      "250-harbour.lab.test|250-PIPELINING|250-SIZE 26214400|250-8BITMIME|250-SMTPUTF8|250-DSN|250 ENHANCEDSTATUSCODES",
    );
    assert.equal(await wire.say("QUIT"), "221 2.0.0 Bye");
    assert.equal(await wire.rest(), "");
  });

  test("and keeps a message with its envelope and DSN parameters as they came", async () => {
    const wire = await greeted(port);
    await wire.say("MAIL FROM:<hello@lab.test> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=q+2B1");
    await wire.say("RCPT TO:<mara@example.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;mara@example.com");
    await wire.say("RCPT TO:<joe@example.com>");
    await wire.say("DATA");
    assert.equal(await wire.say("Subject: hi\r\n\r\nGrüße\r\n."), "250 2.0.0 Ok: queued as harbour-1");
    assert.equal(newest().raw.toString(), "Subject: hi\r\n\r\nGrüße\r\n");
    assert.deepEqual(newest().envelope, {
      returnPath: "hello@lab.test",
      parameters: ["SIZE=100", "BODY=8BITMIME", "RET=HDRS", "ENVID=q+2B1"],
      recipients: [
        {
          address: "mara@example.com",
          parameters: ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;mara@example.com"],
        },
        { address: "joe@example.com", parameters: [] },
      ],
      smtputf8: false,
    });
    wire.socket.destroy();
  });

  test("and answers pipelined commands in order, however the octets are cut", async () => {
    const octets = Buffer.from(
      "MAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n..one\r\n.\r\n" +
        "MAIL FROM:<b@lab.test>\r\nRCPT TO:<c@example.com>\r\nDATA\r\n.\r\nNOOP\r\n",
    );
    const expected = [
      "250 2.1.0",
      "250 2.1.5",
      "354",
      "250 2.0.0",
      "250 2.1.0",
      "250 2.1.5",
      "354",
      "250 2.0.0",
      "250 2.0.0",
    ];
    for (const size of [1, 2, 3, 5, 7, octets.length]) {
      const wire = await greeted(port);
      for (let at = 0; at < octets.length; at += size) {
        wire.write(octets.subarray(at, at + size));
        if (size < 3) await new Promise(setImmediate);
      }
      for (const start of expected) {
        const reply = await wire.reply();
        assert.ok(reply.startsWith(start), `pieces of ${size}: ${reply}, expected ${start}`);
      }
      const [empty, stuffed] = inbox.newest();
      assert.deepEqual([stuffed!.raw.toString(), empty!.raw.toString()], [".one\r\n", ""]);
      wire.socket.destroy();
    }
  });

  test("and takes out stuffed dots, and only those", async () => {
    const wire = await greeted(port);
    await send(wire, "A: b\r\n\r\n..\r\n...\r\n. \r\nx.\r\n..y");
    assert.equal(newest().raw.toString(), "A: b\r\n\r\n.\r\n..\r\n \r\nx.\r\n.y\r\n");
    wire.socket.destroy();
  });

  const refusals: [name: string, lines: string[], reply: RegExp][] = [
    ["MAIL before EHLO", ["MAIL FROM:<a@lab.test>"], /^503 5\.5\.1/],
    ["EHLO without a name", ["EHLO"], /^501 5\.5\.4/],
    ["RCPT before MAIL", ["EHLO c.test", "RCPT TO:<a@example.com>"], /^503 5\.5\.1/],
    ["DATA before RCPT", ["EHLO c.test", "MAIL FROM:<a@lab.test>", "DATA"], /^503 5\.5\.1/],
    ["a second MAIL", ["EHLO c.test", "MAIL FROM:<a@lab.test>", "MAIL FROM:<a@lab.test>"], /^503 5\.5\.1/],
    ["a path without brackets", ["EHLO c.test", "MAIL FROM:a@lab.test"], /^501 5\.5\.4/],
    ["an unknown parameter", ["EHLO c.test", "MAIL FROM:<a@lab.test> XSPEED=9"], /^555 5\.5\.4/],
    ["a parameter twice", ["EHLO c.test", "MAIL FROM:<a@lab.test> RET=FULL RET=HDRS"], /^501 5\.5\.4/],
    ["a malformed ENVID", ["EHLO c.test", "MAIL FROM:<a@lab.test> ENVID=a+zz"], /^501 5\.5\.4/],
    ["a size above the bound", ["EHLO c.test", "MAIL FROM:<a@lab.test> SIZE=26214401"], /^552 5\.3\.4/],
    ["letters beyond ASCII without SMTPUTF8", ["EHLO c.test", "MAIL FROM:<jörg@lab.test>"], /^553 5\.6\.7/],
    ["an empty recipient", ["EHLO c.test", "MAIL FROM:<a@lab.test>", "RCPT TO:<>"], /^501 5\.1\.3/],
    ["a malformed NOTIFY", ["EHLO c.test", "MAIL FROM:<a@lab.test>", "RCPT TO:<a@b.c> NOTIFY=SOON"], /^501 5\.5\.4/],
    ["AUTH, which it does not offer", ["EHLO c.test", "AUTH PLAIN AGEAYg=="], /^502 5\.5\.1/],
    ["an unknown command", ["EHLO c.test", "SEND me"], /^500 5\.5\.2/],
  ];
  for (const [name, lines, expected] of refusals) {
    test(`and refuses ${name}`, async () => {
      const wire = await dial(port);
      let reply = await wire.reply();
      for (const line of lines) reply = await wire.say(line);
      assert.match(reply, expected);
      wire.socket.destroy();
    });
  }

  const closings: [name: string, octets: string, reply: RegExp][] = [
    ["a command that ends with LF alone", "NOOP\n", /^500 5\.5\.2/],
    ["a command longer than 2,048 octets", `NOOP ${"x".repeat(3_000)}`, /^500 5\.5\.6/],
    ["a web page that speaks HTTP to it", "POST / HTTP/1.1\r\nMAIL FROM:<a@lab.test>\r\n", /^500 5\.5\.2 This is SMTP/],
    ["eleven mistakes", "X\r\n".repeat(11), /421 4\.7\.0 Too many errors\r\n$/],
  ];
  for (const [name, octets, expected] of closings) {
    test(`and hangs up on ${name}`, async () => {
      const wire = await greeted(port);
      wire.write(octets);
      assert.match(await wire.rest(), expected);
    });
  }

  test("and takes at most 100 recipients for one message", async () => {
    const wire = await greeted(port);
    await wire.say("MAIL FROM:<a@lab.test>");
    for (let count = 0; count < 100; count += 1) await wire.say(`RCPT TO:<r${count}@example.com>`);
    assert.equal(await wire.say("RCPT TO:<one.more@example.com>"), "452 4.5.3 Too many recipients");
    wire.socket.destroy();
  });

  test("and reads a message that is too big to its end, keeps nothing of it and goes on", async () => {
    const wire = await greeted(port);
    await wire.say("MAIL FROM:<a@lab.test>");
    await wire.say("RCPT TO:<b@example.com>");
    await wire.say("DATA");
    for (let mebibyte = 0; mebibyte < 26; mebibyte += 1) wire.write(`${"x".repeat(1_048_574)}\r\n`);
    assert.equal(await wire.say("."), "552 5.3.4 Message too big");
    assert.equal(await wire.say("NOOP"), "250 2.0.0 Ok");
    assert.equal(inbox.counts.messages, 0);
    wire.socket.destroy();
  });

  test("and refuses octets above 127 that were not announced", async () => {
    const wire = await greeted(port);
    assert.match(await send(wire, "A: b\r\n\r\nGrüße"), /^554 5\.6\.3/);
    wire.socket.destroy();
  });

  test("and closes a session that stays idle for five minutes", async () => {
    const wire = await greeted(port);
    await clock.advance(5 * 60_000 - 1);
    assert.equal(await wire.say("NOOP"), "250 2.0.0 Ok");
    await clock.advance(5 * 60_000);
    assert.match(await wire.rest(), /^421 4\.4\.2/);
  });

  // The two ways a smuggled text could show: as a second message, or as text that two servers read differently.
  const smuggled = "MAIL FROM:<x@evil.test>\r\nRCPT TO:<y@example.com>\r\nDATA\r\nSubject: smuggled\r\n\r\n.\r\n";
  const data = testData("smtp-mime");
  const listed = (): string[] => {
    const file = path.join(data.folder, "smuggling-sequences.json");
    const sequences = JSON.parse(readFileSync(file, "utf8")) as {
      inbound_must_not_end_data: { bytes_base64: string }[];
    };
    return sequences.inbound_must_not_end_data.map((one) => Buffer.from(one.bytes_base64, "base64").toString("latin1"));
  };
  const neverTwo = async (sequence: string) => {
    inbox.clear();
    const wire = await greeted(port);
    await wire.say("MAIL FROM:<a@lab.test>");
    await wire.say("RCPT TO:<b@example.com>");
    await wire.say("DATA");
    wire.write(Buffer.from(`Subject: one\r\n\r\nbody${sequence}${smuggled}`, "latin1"));
    assert.match(await wire.rest(), /^550 5\.6\.0/, JSON.stringify(sequence));
    assert.equal(inbox.counts.messages, 0, JSON.stringify(sequence));
  };
  test("and sees one message only, refused, in sequences that end none", async () => {
    for (const sequence of ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r\n.\r", "\r\n\0.\r\n", "\r\r\n.\r\n"])
      await neverTwo(sequence);
  });
  test("and so in the sequences scanners try", { skip: data.skip }, async () => {
    for (const sequence of listed()) await neverTwo(sequence);
  });
});

describe("a server with a certificate", () => {
  const { key, certificate } = selfSigned("mx.lab.test", Date.UTC(2026, 10, 25), "ec");
  const peers: SessionPeer[] = [];
  let port: number;
  const server = createServer((socket) =>
    speakSmtp(
      socket,
      {
        hostname: () => "mx.lab.test",
        rule: () => MODE_RULES.normal,
        refused: () => {},
        recipientReply: (address) => (address.startsWith("nobody@") ? "550 5.1.1 No such user" : null),
        ended: (_rule, _envelope, _raw, peer) => `mx-${peers.push(peer)}`,
        tls: createSecureContext({ key: key.export({ type: "pkcs8", format: "pem" }), cert: certificate }),
      },
      virtualClock(),
    ),
  );
  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });
  after(() => server.close());
  beforeEach(() => void peers.splice(0));

  test("offers STARTTLS once, and forgets what was said before it", async () => {
    const wire = await greeted(port);
    assert.match(await wire.say("EHLO liar.test"), /\|250 STARTTLS$/);
    assert.equal(await wire.say("STARTTLS now"), "501 5.5.4 Syntax: STARTTLS");
    assert.equal(await wire.say("STARTTLS"), "220 2.0.0 Ready");
    wire.socket.removeAllListeners("data");
    const secure = connectTls({ socket: wire.socket, servername: "mx.lab.test", ca: certificate });
    const lines = createInterface({ input: secure })[Symbol.asyncIterator]();
    const say = async (line: string): Promise<string> => {
      secure.write(`${line}\r\n`);
      for (;;) {
        const { value } = await lines.next();
        if (!/^\d{3}-/.test(value as string)) return value as string;
      }
    };
    assert.equal(await say("MAIL FROM:<a@lab.test>"), "503 5.5.1 Say EHLO first");
    assert.equal(await say("EHLO client.test"), "250 ENHANCEDSTATUSCODES");
    assert.equal(await say("STARTTLS"), "502 5.5.1 Not offered here");
    await say("MAIL FROM:<a@lab.test>");
    assert.equal(await say("RCPT TO:<nobody@example.com>"), "550 5.1.1 No such user");
    await say("RCPT TO:<mara@example.com>");
    await say("DATA");
    assert.equal(await say("Subject: hi\r\n\r\nhi\r\n."), "250 2.0.0 Ok: queued as mx-1");
    const { tls, ...rest } = peers[0]!;
    assert.deepEqual(rest, { address: "127.0.0.1", helo: "client.test" });
    assert.match(tls ?? "", /^TLSv1\.[23] TLS_|ECDHE/);
    secure.destroy();
  });

  test("takes nothing that was put behind STARTTLS in the clear", async () => {
    const wire = await greeted(port);
    wire.write("STARTTLS\r\nMAIL FROM:<evil@lab.test>\r\n");
    assert.equal(await wire.reply(), "501 5.5.4 Nothing may follow STARTTLS");
    assert.equal(await wire.rest(), "");
  });

  test("says in the clear that it was in the clear", async () => {
    const wire = await greeted(port);
    await send(wire, "Subject: hi\r\n\r\nhi");
    assert.deepEqual(peers, [{ address: "127.0.0.1", helo: "client.test", tls: null }]);
    wire.socket.destroy();
  });
});
