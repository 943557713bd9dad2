import assert from "node:assert/strict";
import { test } from "node:test";
import { doorParts, fakePort, spoolId } from "../../../test/support/smtp-door.ts";
import { newSession } from "../../../test/support/smtp-session.ts";
import type { AcceptAnswer } from "../submission.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));
const ENVELOPE = "MAIL FROM:<a@acme.test>\r\nRCPT TO:<b@customer.example>\r\nDATA\r\n";

/** A session past its greeting whose writes, pauses and resumes are written down. */
function watched(takes: () => boolean = () => true) {
  const port = fakePort();
  port.knowsEveryone = true;
  const writes: string[] = [];
  const flow: string[] = [];
  const ear = { text: (text: string) => writes.push(text), closed: () => flow.push("closed") };
  const { session, facts } = newSession(doorParts(port), {}, ear, {
    write: (text) => {
      writes.push(text);
      return takes();
    },
    pause: () => flow.push("pause"),
    resume: () => flow.push("resume"),
  });
  session.open();
  const send = (text: string) => session.receive(Buffer.from(text));
  return { port, session, facts, writes, flow, send };
}

test("replies to what came together go out together", async () => {
  const { writes, send } = watched();
  send("EHLO c.example\r\nNOOP\r\n");
  send(ENVELOPE);
  send(`Subject: x\r\n.\r\n${ENVELOPE}`);
  await settled();
  assert.equal(writes.length, 4, "greeting, and one for each piece");
  assert.match(writes[3]!, /^250 2\.0\.0 Queued as .*\r\n250 2\.1\.0 OK\r\n250 2\.1\.5 OK\r\n354 .*\r\n$/);
});

test("a client that does not read its replies is not read either, and nothing is lost when it does again", () => {
  let takes = true;
  const { session, writes, flow, send } = watched(() => takes);
  takes = false;
  send("NOOP\r\n".repeat(10_000));
  const soFar = writes.join("").length;
  assert.ok(soFar < 40_000, `${soFar} octets of replies wait in memory`);
  assert.deepEqual(flow, ["pause"]);
  send("VRFY bob\r\n"); // was already on its way
  takes = true;
  session.drained();
  assert.deepEqual(flow, ["pause", "resume"]);
  const replies = writes.join("").split("\r\n");
  assert.equal(replies.filter((reply) => reply === "250 2.0.0 OK").length, 10_000);
  assert.match(replies.at(-2)!, /^252 /);
});

test("a client may send ahead of the reply to its message, within a bound", async () => {
  const { port, writes, flow, send } = watched();
  let answer: (answer: AcceptAnswer) => void = () => {};
  port.answer = () => new Promise((resolve) => (answer = resolve));
  send(`EHLO c.example\r\n${ENVELOPE}`);
  send("Subject: x\r\n.\r\nNOOP\r\n");
  send("NOOP\r\n".repeat(100));
  assert.deepEqual(flow, []);
  send("NOOP\r\n".repeat(5000));
  assert.deepEqual(flow, ["pause"]);
  const before = writes.length;
  await settled();
  assert.equal(writes.length, before, "nothing is answered before the message");
  answer({ kind: "accepted", spoolId: spoolId(1), replayed: false });
  await settled();
  assert.deepEqual(flow, ["pause", "resume"]);
  const replies = writes.slice(before).join("").split("\r\n");
  assert.match(replies[0]!, /^250 2\.0\.0 Queued as /);
  assert.equal(replies.length, 1 + 5101 + 1);
});

test("a client that leaves while its message is accepted gives the memory back when that is done", async () => {
  const { port, session, facts, writes, send } = watched();
  let answer: (answer: AcceptAnswer) => void = () => {};
  port.answer = () => new Promise((resolve) => (answer = resolve));
  send(`EHLO c.example\r\n${ENVELOPE}`);
  send("Subject: x\r\n.\r\n");
  session.gone();
  assert.equal(facts.budget.used, 12, "the accept still holds it");
  const before = writes.length;
  answer({ kind: "accepted", spoolId: spoolId(1), replayed: false });
  await settled();
  assert.equal(facts.budget.used, 0);
  assert.equal(writes.length, before);
});

test("a client that leaves inside its message gives the memory back at once", () => {
  const { session, facts, send } = watched();
  send(`EHLO c.example\r\n${ENVELOPE}`);
  send("Subject: x\r\n");
  assert.ok(facts.budget.used > 0);
  session.gone();
  assert.equal(facts.budget.used, 0);
});
