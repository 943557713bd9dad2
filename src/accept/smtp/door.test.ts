import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { doorParts, fakePort, testCertificate } from "../../../test/support/smtp-door.ts";
import { socketLine } from "../../../test/support/smtp-line.ts";
import { virtualClock } from "../../../test/support/virtual-clock.ts";
import { DEFAULT_LIMITS } from "../../config/index.ts";
import { Problem, silentLog } from "../../kernel/index.ts";
import { silentMetrics } from "../../metrics/index.ts";
import { startSmtpDoor } from "./door.ts";

const MAIL = "EHLO c.example\r\nMAIL FROM:<a@acme.test>\r\nRCPT TO:<b@customer.example>\r\nDATA\r\n";

async function linesUntil(line: Awaited<ReturnType<typeof socketLine>>, start: string): Promise<void> {
  for (;;) {
    const said = await line.line();
    assert.ok(said !== null, `closed before ${start}`);
    if (said.startsWith(start)) return;
  }
}

test("sessions beyond the bound are told so, and there is room again when one leaves", async () => {
  const counts: number[] = [];
  const refusals: string[] = [];
  const metrics = {
    ...silentMetrics,
    smtpSessions: (count: number) => counts.push(count),
    refused: (_door: string, code: string) => refusals.push(code),
  };
  const door = await startSmtpDoor(doorParts(fakePort(), { metrics, limits: { ...DEFAULT_LIMITS, smtpSessions: 2 } }));
  const { port } = door.address;
  const [one, two] = [await socketLine(port), await socketLine(port)];
  await linesUntil(one, "220 ");
  await linesUntil(two, "220 ");
  const three = await socketLine(port);
  assert.match((await three.line())!, /^421 4\.3\.2 mail\.postern\.test has as many sessions as it may/);
  assert.equal(await three.line(), null);
  one.send("QUIT\r\n");
  await linesUntil(one, "221 ");
  one.end();
  while (counts.at(-1) !== 1) await new Promise(setImmediate);
  const four = await socketLine(port);
  await linesUntil(four, "220 ");
  assert.deepEqual(counts, [1, 2, 1, 2]);
  assert.deepEqual(refusals, ["sessions-too-many"]);
  two.destroy();
  four.destroy();
  await door.stop(1000);
});

test("with all sessions taken, strangers must hurry and those who are known need not", async () => {
  const clock = virtualClock();
  const parts = doorParts(fakePort(), { clock, limits: { ...DEFAULT_LIMITS, smtpSessions: 2 } });
  const door = await startSmtpDoor(parts);
  const known = await socketLine(door.address.port);
  known.send("EHLO c.example\r\nAUTH PLAIN AGFwcABvcGVuIHNlc2FtZQ==\r\n");
  await linesUntil(known, "235 ");
  const stranger = await socketLine(door.address.port);
  await linesUntil(stranger, "220 ");
  await clock.advance(15_000);
  await linesUntil(stranger, "421 4.4.2 ");
  known.send("NOOP\r\n");
  await linesUntil(known, "250 2.0.0");
  known.destroy();
  stranger.destroy();
  await door.stop(1000);
});

test("a client that sends its message by the octet does not hold a session for ever", async () => {
  const clock = virtualClock();
  const port = fakePort();
  port.knowsEveryone = true;
  const door = await startSmtpDoor(doorParts(port, { clock }));
  const line = await socketLine(door.address.port);
  line.send(MAIL);
  await linesUntil(line, "354 ");
  let over = false;
  const closing = linesUntil(line, "421 4.4.2 ").then(() => (over = true));
  for (let minutes = 0; !over && minutes < 20; minutes += 1) {
    line.send("a");
    await clock.advance(60_000);
  }
  await closing;
  line.destroy();
  await door.stop(1000);
});

test("stopping waits for messages under way, though not longer than its grace", async () => {
  const clock = virtualClock();
  const port = fakePort();
  port.knowsEveryone = true;
  const door = await startSmtpDoor(doorParts(port, { clock }));
  const line = await socketLine(door.address.port);
  line.send(MAIL);
  await linesUntil(line, "354 ");
  let stopped = false;
  const stop = door.stop(5000).then(() => (stopped = true));
  await clock.advance(4000);
  assert.equal(stopped, false);
  await assert.rejects(once(connect(door.address.port, "127.0.0.1"), "connect"), /ECONNREFUSED/);
  await clock.advance(2000);
  await stop;
  assert.equal(await line.line(), null);
  assert.equal(clock.pending, 0, "no timer is left");
});

test("an address that is taken is said in a sentence", async () => {
  const door = await startSmtpDoor(doorParts(fakePort()));
  await assert.rejects(
    startSmtpDoor(doorParts(fakePort(), { address: door.address })),
    (error) => error instanceof Problem && error.code === "smtp-address-unavailable",
  );
  await door.stop(0);
});

test("TLS below 1.2 and what is no TLS at all end the connection, and say so in the log", async () => {
  const events: string[] = [];
  const log = { ...silentLog, info: (event: string) => events.push(event) };
  const door = await startSmtpDoor(doorParts(fakePort(), { log, tls: testCertificate(), implicitTls: true }));
  const { port } = door.address;
  const old = connectTls({
    port,
    host: "127.0.0.1",
    rejectUnauthorized: false,
    minVersion: "TLSv1.1",
    maxVersion: "TLSv1.1",
  });
  await assert.rejects(once(old, "secureConnect"));
  const plain = connect(port, "127.0.0.1");
  plain.resume();
  plain.write("EHLO client.example\r\n");
  await once(plain, "close");
  await door.stop(1000);
  assert.equal(events.filter((event) => event === "smtp.tls-failed").length, 2);
});

test("a failed login is logged without the name that was tried", async () => {
  const lines: string[] = [];
  const log = { ...silentLog, warn: (event: string, fields?: object) => lines.push(JSON.stringify([event, fields])) };
  const door = await startSmtpDoor(doorParts(fakePort(), { log }));
  const line = await socketLine(door.address.port);
  line.send("EHLO c.example\r\nAUTH PLAIN AG15LXNlY3JldABteS1zZWNyZXQ=\r\n");
  await linesUntil(line, "535 ");
  assert.deepEqual(lines, ['["smtp.auth-failed",{"remoteAddress":"127.0.0.1","mechanism":"PLAIN","secure":false}]']);
  line.destroy();
  await door.stop(1000);
});
