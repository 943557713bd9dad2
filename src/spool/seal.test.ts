import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { spoolId } from "../../test/support/new-message.ts";
import { Problem, systemRandom } from "../kernel/index.ts";
import { Sealer } from "./seal.ts";

const sealer = new Sealer(randomBytes(32), systemRandom);
const id = spoolId();
const unreadable = (error: unknown) => error instanceof Problem && error.code === "body-unreadable";

test("what was sealed opens to the same octets, and only them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (octets) => {
      const raw = Buffer.from(octets);
      const body = sealer.seal(id, raw);
      assert.equal(body.sealed.length, raw.length + 16);
      assert.deepEqual(sealer.open(id, body), raw);
    }),
    { numRuns: fuzzRuns() },
  );
});

test("nothing of the text shows, and the same text is sealed differently each time", () => {
  const raw = Buffer.from("https://acme.test/reset?token=secret".repeat(10));
  const [one, two] = [sealer.seal(id, raw), sealer.seal(id, raw)];
  assert.ok(!one.sealed.includes("token") && !one.salt.includes("token"));
  assert.ok(!one.salt.equals(two.salt) && !one.sealed.equals(two.sealed));
});

test("with another key, another message's id, another salt or one changed bit it does not open", () => {
  const body = sealer.seal(id, Buffer.from("text"));
  assert.throws(() => new Sealer(randomBytes(32), systemRandom).open(id, body), unreadable);
  assert.throws(() => sealer.open(spoolId(), body), unreadable);
  assert.throws(() => sealer.open(id, { ...body, salt: randomBytes(32) }), unreadable);
  for (let bit = 0; bit < body.sealed.length * 8; bit += 1) {
    const sealed = Buffer.from(body.sealed);
    sealed[bit >> 3]! ^= 1 << (bit & 7);
    assert.throws(() => sealer.open(id, { salt: body.salt, sealed }), unreadable, `bit ${bit}`);
  }
});

test("a row that was cut short does not open", () => {
  const body = sealer.seal(id, Buffer.from("text"));
  for (const length of [0, 1, 15, 16, body.sealed.length - 1])
    assert.throws(() => sealer.open(id, { salt: body.salt, sealed: body.sealed.subarray(0, length) }), unreadable);
});

test("a key of another length is refused", () => {
  for (const length of [0, 16, 31, 33])
    assert.throws(
      () => new Sealer(Buffer.alloc(length), systemRandom),
      (error) => error instanceof Problem && error.code === "body-key-length",
    );
});
