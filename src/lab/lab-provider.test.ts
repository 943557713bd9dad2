import assert from "node:assert/strict";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, test } from "node:test";
import { type VirtualClock, virtualClock } from "../../test/support/virtual-clock.ts";
import { Problem, silentLog } from "../kernel/index.ts";
import { LabInbox } from "./inbox.ts";
import { LabProvider } from "./lab-provider.ts";
import { LAB_MODES, type LabMode } from "./modes.ts";
import { dial, greeted, send } from "./smtp/wire-for-tests.ts";

const MESSAGE = "X-Postern-Attempt: attempt-1\r\nSubject: hi\r\n\r\nX-Postern-Attempt: quoted";

describe("a lab provider's mode decides what becomes of a message", () => {
  let clock: VirtualClock;
  let inbox: LabInbox;
  let provider: LabProvider;
  const port = () => provider.address.port;
  const delivered = () => inbox.newest().map((message) => message.raw.toString());

  beforeEach(async () => {
    clock = virtualClock();
    inbox = new LabInbox();
    const address = { host: "127.0.0.1", port: 0 };
    provider = new LabProvider({ name: "harbour", address, inbox, clock, log: silentLog, changed: () => {} });
    await provider.start();
  });
  afterEach(() => provider.stop());

  /** Sends one message in that mode; gives what was answered last, or `closed`. */
  async function inMode(mode: LabMode): Promise<string> {
    await provider.switchTo(mode);
    const wire = await greeted(port());
    const answer = await send(wire, MESSAGE).catch(() => "closed");
    wire.socket.destroy();
    return answer;
  }

  test("normal: delivers, and knows the attempt by the header field, not by what a body quotes", async () => {
    assert.equal(await inMode("normal"), "250 2.0.0 Ok: queued as harbour-1");
    assert.deepEqual(delivered(), [`${MESSAGE}\r\n`]);
    assert.deepEqual([provider.hasTaken("attempt-1"), provider.hasTaken("quoted")], [true, false]);
  });

  test("suspended: says so at MAIL, and the session may go on", async () => {
    await provider.switchTo("suspended");
    const wire = await greeted(port());
    assert.equal(await send(wire, MESSAGE), "550 5.7.1 Account suspended");
    await provider.switchTo("normal");
    assert.match(await send(wire, MESSAGE), /^250 /);
    assert.deepEqual(provider.counters, {
      delivered: 1,
      withheld: 0,
      vanished: 0,
      untaken: 0,
      refused: 1,
      deferred: 0,
    });
    wire.socket.destroy();
  });

  test("deferring: not now, at MAIL", async () => {
    assert.equal(await inMode("deferring"), "451 4.7.1 Try again later");
    assert.equal(provider.counters.deferred, 1);
    assert.equal(provider.hasTaken("attempt-1"), false);
  });

  test("queued-and-suspended: a 250 that admits it will not send", async () => {
    assert.equal(await inMode("queued-and-suspended"), "250 2.0.0 Ok: queued as harbour-1; account suspended");
    assert.deepEqual([delivered().length, provider.counters.withheld], [0, 1]);
    assert.equal(provider.hasTaken("attempt-1"), true);
  });

  test("silent: a 250 like any other, and nothing comes of it", async () => {
    assert.equal(await inMode("silent"), "250 2.0.0 Ok: queued as harbour-1");
    assert.deepEqual([delivered().length, provider.counters.vanished], [0, 1]);
    assert.equal(provider.hasTaken("attempt-1"), true);
  });

  test("hanging: never an answer, not even after mending; asked, it has not taken the message", async () => {
    await provider.switchTo("hanging");
    const wire = await greeted(port());
    let answered = false;
    const answer = send(wire, MESSAGE).then(() => (answered = true));
    await until(() => provider.counters.untaken === 1);
    await provider.switchTo("normal");
    assert.match(await send(await greeted(port()), "A: b"), /^250 /); // had it answered, it would have come before this
    assert.equal(answered, false);
    assert.equal(provider.hasTaken("attempt-1"), false);
    wire.socket.destroy();
    await assert.rejects(answer, /closed/);
  });

  test("closes-before-answer: the message is delivered, the sender is left without an answer", async () => {
    assert.equal(await inMode("closes-before-answer"), "closed");
    assert.equal(delivered().length, 1);
    assert.equal(provider.hasTaken("attempt-1"), true);
  });

  test("answers-and-closes: the answer is whole, then the connection ends", async () => {
    await provider.switchTo("answers-and-closes");
    const wire = await greeted(port());
    assert.match(await send(wire, MESSAGE), /^250 /);
    assert.equal(await wire.rest(), "");
    assert.equal(delivered().length, 1);
  });

  test("slow: two seconds pass between the final dot and the answer, and what was pipelined waits", async () => {
    await provider.switchTo("slow");
    const wire = await greeted(port());
    wire.write(`MAIL FROM:<a@lab.test>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n`);
    for (let count = 0; count < 3; count += 1) await wire.reply();
    wire.write("A: b\r\n.\r\nNOOP\r\n");
    await until(() => delivered().length === 1);
    let answer = "";
    const answered = wire.reply().then((one) => (answer = one));
    await clock.advance(1_999);
    await greeted(port()); // had an answer been sent, it would have come before this
    assert.equal(answer, "");
    await clock.advance(1);
    await answered;
    assert.equal(answer, "250 2.0.0 Ok: queued as harbour-1");
    assert.equal(await wire.reply(), "250 2.0.0 Ok");
    wire.socket.destroy();
  });

  test("down: connections are refused and open ones end; up again it is where it was", async () => {
    const before = port();
    const wire = await greeted(before);
    await provider.switchTo("down");
    assert.equal(await wire.rest(), "");
    await assert.rejects(dial(before), { code: "ECONNREFUSED" });
    await provider.switchTo("normal");
    assert.equal(port(), before);
    assert.match(await send(await greeted(before), MESSAGE), /^250 /);
  });

  test("a port that was taken meanwhile is said, and the provider stays down", async () => {
    await provider.switchTo("down");
    const address = { host: "127.0.0.1", port: port() };
    const squatter = new LabProvider({ name: "squatter", address, inbox, clock, log: silentLog, changed: () => {} });
    await squatter.start();
    await assert.rejects(
      provider.switchTo("normal"),
      (error) => error instanceof Problem && error.code === "lab-port-taken",
    );
    assert.equal(provider.mode, "down");
    await squatter.stop();
    await provider.switchTo("normal");
    assert.equal(provider.mode, "normal");
  });

  test("switches asked for at once happen one after the other, the last one stays", async () => {
    await Promise.all(LAB_MODES.flatMap((mode) => [provider.switchTo(mode), provider.switchTo("down")]));
    await provider.switchTo("normal");
    assert.match(await send(await greeted(port()), MESSAGE), /^250 /);
  });

  test("a flood of connections is bounded", async () => {
    const sockets = Array.from({ length: 230 }, () => connect(port(), "127.0.0.1").on("error", () => {}));
    let closed = 0;
    for (const socket of sockets) socket.on("close", () => (closed += 1)).resume();
    await until(() => closed >= 30);
    assert.equal(provider.connectionCount, 200);
    for (const socket of sockets) socket.destroy();
    await until(() => provider.connectionCount === 0);
  });
});

async function until(met: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000; turn += 1) {
    if (met()) return;
    await new Promise(setImmediate);
  }
  throw new Error(`never so: ${met.toString()}`);
}
