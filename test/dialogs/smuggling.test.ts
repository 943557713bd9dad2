import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fakePort } from "../support/smtp-door.ts";
import { type Heard, knownClient } from "../support/smtp-client.ts";
import { testData } from "../support/test-data.ts";

/**
 * SMTP smuggling: text of one message that some server takes for the end of data and commands behind it, so that a
 * second message appears which nobody checked. One submitted message must
 * come out as one or none, whatever stands in it.
 */
const FIRST = "Subject: first\r\n\r\nHello.";
const SMUGGLED = "MAIL FROM:<evil@acme.test>\r\nRCPT TO:<victim@customer.example>\r\nDATA\r\n";
const SECOND = "Subject: smuggled\r\n\r\nYou won.\r\n";
const END = "\r\n.\r\n";

/** Sends one message with `sequence` inside it, and behind that what would be a second one; then its true end. */
async function submit(sequence: Buffer): Promise<Heard> {
  const client = knownClient(fakePort());
  client.say("MAIL FROM:<app@acme.test>\r\nRCPT TO:<one@customer.example>\r\nDATA\r\n");
  client.send(Buffer.concat([Buffer.from(FIRST), sequence, Buffer.from(SMUGGLED)]));
  await client.settled();
  client.send(Buffer.from(`${SECOND}.\r\nQUIT\r\n`));
  await client.settled();
  return client.heard();
}

const hex = (sequence: Buffer): string => JSON.stringify(sequence.toString("latin1"));

/** What a text holds in which every LF has its CR, every CR its LF, and there is no NUL. */
const isSafe = (text: string): boolean => !/\0|\r(?!\n)|(?<!\r)\n/.test(text);

test("the true end of data ends it, and the second message is one of its own", async () => {
  // The control: without it the tests below could pass because nothing is ever taken.
  const { messages, closed } = await submit(Buffer.from(END));
  assert.equal(messages.length, 2);
  assert.equal(messages[0]!.raw.toString(), `${FIRST}\r\n`);
  assert.equal(closed, true);
});

test("no combination of four octets of CR, LF, dot, NUL and space ends the data, but the one that does", async () => {
  const octets = ["\r", "\n", ".", "\0", " "];
  let count = 0;
  for (const a of octets)
    for (const b of octets)
      for (const c of octets)
        for (const d of octets) {
          const inside = Buffer.from(a + b + c + d, "latin1");
          // The four octets alone, and in the places of an end of data where they could make one with what is around them.
          for (const sequence of [inside, wrapped("\r\n", inside), wrapped("\r", inside), wrapped("\r\n.", inside)]) {
            await check(sequence);
            count += 1;
          }
        }
  assert.equal(count, 4 * 625);
});

test("the sequences that found the servers that could be smuggled through", { skip: table().skip }, async () => {
  const { inbound, outbound } = table();
  for (const sequence of [...inbound, ...outbound]) {
    await check(sequence);
    const { messages, closed } = await submit(sequence);
    assert.equal(messages.length, 0, hex(sequence));
    assert.equal(closed, true, hex(sequence));
  }
});

const wrapped = (lead: string, inside: Buffer): Buffer => Buffer.concat([Buffer.from(lead), inside, Buffer.from("\n")]);

async function check(sequence: Buffer): Promise<void> {
  const { messages, closed, replies } = await submit(sequence);
  const text = `${FIRST}${sequence.toString("latin1")}${SMUGGLED}${SECOND}`;
  const name = hex(sequence);
  assert.equal(closed, true, `${name}: the session ends, by QUIT or by us`);
  if (text.includes(END)) {
    // A true end of data: what is before it is the message; behind it are commands, with our reply to DATA not awaited.
    const first = text.slice(0, text.indexOf(END) + 2);
    if (isSafe(first)) assert.equal(messages[0]!.raw.toString("latin1"), unstuffed(first), name);
    else assert.equal(messages.length, 0, name);
    return;
  }
  if (isSafe(text)) {
    assert.equal(messages.length, 1, name);
    assert.equal(messages[0]!.raw.toString("latin1"), unstuffed(text), name);
    assert.equal(messages[0]!.envelope.returnPath?.address, "app@acme.test");
  } else {
    assert.equal(messages.length, 0, name);
    assert.match(replies.at(-1)!, /^550 5\.6\.0 /, name);
  }
}

const unstuffed = (text: string): string => text.replace(/(^|\r\n)\./g, "$1");

function table(): { inbound: Buffer[]; outbound: Buffer[]; skip: string | false } {
  const { folder, skip } = testData("smtp-mime");
  if (skip !== false) return { inbound: [], outbound: [], skip };
  const rows = JSON.parse(readFileSync(path.join(folder, "smuggling-sequences.json"), "utf8")) as Record<
    string,
    { bytes_base64: string }[]
  >;
  const sequences = (name: string) => rows[name]!.map((row) => Buffer.from(row.bytes_base64, "base64"));
  return {
    inbound: sequences("inbound_must_not_end_data"),
    outbound: sequences("outbound_must_not_be_relayed_verbatim"),
    skip: false,
  };
}
