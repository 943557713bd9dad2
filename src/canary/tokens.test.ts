import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { parseMailbox } from "../mail/index.ts";
import { Tokens } from "./tokens.ts";

const tokens = new Tokens(Buffer.alloc(32, 1));

test("a drawn address is one that mail can go to, is known again in either case, and is never drawn twice", () => {
  const random = seededRandom(3);
  const seen = new Set<string>();
  for (let n = 0; n < 200; n += 1) {
    const { localPart, hash } = tokens.draw(random);
    assert.ok(parseMailbox(`${localPart}@c.example.com`), localPart);
    assert.deepEqual(tokens.read(localPart), hash);
    assert.deepEqual(tokens.read(localPart.toUpperCase()), hash);
    assert.doesNotMatch(localPart, /canary|postern|probe/);
    seen.add(localPart);
  }
  assert.equal(seen.size, 200);
});

test("an address that is changed in any letter, shortened, or of another installation is nobody's", () => {
  const { localPart } = tokens.draw(seededRandom(5));
  const at = localPart.lastIndexOf(".") + 1;
  for (let n = at; n < localPart.length; n += 1) {
    const other = localPart[n] === "a" ? "b" : "a";
    assert.equal(tokens.read(localPart.slice(0, n) + other + localPart.slice(n + 1)), null, `letter ${n}`);
  }
  for (const wrong of ["", "mara.keller", localPart.slice(0, -1), `${localPart}a`, "postmaster"])
    assert.equal(tokens.read(wrong), null);
  assert.equal(new Tokens(Buffer.alloc(32, 2)).read(localPart), null);
});
