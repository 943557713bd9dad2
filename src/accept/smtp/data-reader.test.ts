import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LIMITS } from "../../config/index.ts";
import { Shares } from "../shares.ts";
import { DataReader, ENDLESS, MORE, UNSAFE } from "./data-reader.ts";

const limits = { ...DEFAULT_LIMITS, messageBytes: 70_000 };
const MEBIBYTE = 1024 * 1024;

function reading(budgetBytes = MEBIBYTE) {
  const budget = new Shares(budgetBytes, 0);
  const reader = new DataReader(limits, budget);
  reader.begin("acme");
  return { budget, reader, take: (text: string) => reader.take(Buffer.from(text, "latin1"), 0) };
}

test("the end is found wherever it is cut", () => {
  const text = "a\r\n.\r\n";
  for (let first = 1; first < text.length; first += 1)
    for (let second = first; second < text.length; second += 1) {
      const { reader, take } = reading();
      const pieces = [text.slice(0, first), text.slice(first, second), `${text.slice(second)}NOOP`].filter(
        (piece) => piece !== "",
      );
      const ends = pieces.map(take);
      assert.deepEqual(
        ends.slice(0, -1),
        ends.slice(0, -1).map(() => MORE),
      );
      assert.equal(ends.at(-1), pieces.at(-1)!.length - 4);
      assert.deepEqual(reader.finish(), { raw: Buffer.from("a\r\n") });
    }
});

test("a message of the greatest size fits though its dots are doubled, in one piece or many", () => {
  const plain = ".\r\n".repeat(23_333);
  const stuffed = "..\r\n".repeat(23_333);
  for (const size of [100_000, 1000]) {
    const { reader, take } = reading();
    let end = MORE;
    for (let at = 0; at < stuffed.length; at += size) end = take(stuffed.slice(at, at + size));
    assert.equal(end, MORE);
    assert.equal(take(".\r\n"), 3);
    const finished = reader.finish();
    assert.ok("raw" in finished);
    assert.equal(finished.raw.toString(), plain);
  }
});

test("a message in single octets takes no more memory than one in large pieces", () => {
  const { reader, budget, take } = reading();
  for (let count = 0; count < 50_000; count += 1) take("a");
  assert.ok(budget.used <= 2 * 50_000, `${budget.used} octets held for 50000`);
  reader.release();
  assert.equal(budget.used, 0);
});

test("what is too large is not kept, and where it has no end not read either", () => {
  const { reader, budget, take } = reading();
  const line = `${"a".repeat(998)}\r\n`;
  let answer = MORE;
  let taken = 0;
  for (; answer === MORE && taken < 1000; taken += 1) {
    answer = take(line);
    if (taken > 100) assert.equal(budget.used, 0);
  }
  assert.equal(answer, ENDLESS);
  assert.ok(taken < 400);
  assert.ok("refusal" in reader.finish());
});

test("what is too large is still searched for unsafe text", () => {
  const { take } = reading();
  const line = `${"a".repeat(998)}\r\n`;
  for (let count = 0; count < 150; count += 1) assert.equal(take(line), MORE);
  assert.equal(take("a\nb"), UNSAFE);
});

test("a message alone fits, however little memory there is for all", () => {
  const { reader, budget, take } = reading(1000);
  for (let count = 0; count < 10; count += 1) take("line\r\n".repeat(1000));
  assert.equal(take(".\r\n"), 3);
  assert.ok("raw" in reader.finish());
  reader.release();
  assert.equal(budget.used, 0);
});

test("messages share what memory there is, and give it back", () => {
  const budget = new Shares(40_000, 0);
  const [one, other] = [new DataReader(limits, budget), new DataReader(limits, budget)];
  const message = Buffer.from(`${"line\r\n".repeat(5000)}.\r\n`);
  for (const reader of [one, other]) {
    reader.begin("acme");
    assert.equal(reader.take(message, 0), message.length);
  }
  assert.ok("raw" in one.finish());
  const refused = other.finish();
  assert.equal("refusal" in refused && refused.refusal.code, "intake-busy");
  other.release();
  one.release();
  assert.equal(budget.used, 0);
  other.begin("other");
  other.take(message, 0);
  assert.ok("raw" in other.finish());
  one.begin("acme");
  for (let at = 0; at < message.length; at += 1000) one.take(message.subarray(at, at + 1000), 0);
  const late = one.finish();
  assert.equal("refusal" in late && late.refusal.code, "intake-busy", "also where it comes in pieces");
  one.release();
  other.release();
  assert.equal(budget.used, 0);
});
