import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { isUuid, newSpoolId, uuidBytes, uuidText, uuidV7 } from "./ids.ts";

test("an id is a UUIDv7: its instant, its version, its variant", () => {
  // The example of RFC 9562 §A.6, with its random bits replaced by ones and the two fixed fields on top.
  const clock = { ...virtualClock(0x017f22e279b0) };
  const ones = { bytes: (size: number) => Buffer.alloc(size, 0xff), fraction: () => 0 };
  assert.equal(uuidText(uuidV7(clock, ones)), "017f22e2-79b0-7fff-bfff-ffffffffffff");
  const zeros = { bytes: (size: number) => Buffer.alloc(size), fraction: () => 0 };
  assert.equal(uuidText(uuidV7(clock, zeros)), "017f22e2-79b0-7000-8000-000000000000");
});

test("ids sort by the time they were made, as text and as bytes", async () => {
  const clock = virtualClock();
  const random = seededRandom(1);
  const ids: string[] = [];
  for (let n = 0; n < 200; n += 1) {
    ids.push(newSpoolId(clock, random));
    await clock.advance(1);
  }
  assert.deepEqual(ids.toSorted(), ids);
  const bytes = ids.map((id) => uuidBytes(id));
  assert.deepEqual(
    bytes.toSorted((a, b) => Buffer.compare(a, b)),
    bytes,
  );
});

test("text and bytes are two forms of one id", () => {
  const id = newSpoolId(virtualClock(), seededRandom(2));
  assert.equal(uuidText(uuidBytes(id)), id);
});

test("only the canonical form is an id", () => {
  assert.ok(isUuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
  for (const text of [
    "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
    "017f22e279b07cc398c4dc0c0c07398f",
    "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
    "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
    "",
  ])
    assert.ok(!isUuid(text), JSON.stringify(text));
});
