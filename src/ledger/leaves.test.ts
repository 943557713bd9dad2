import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { LeafMaker } from "./leaves.ts";

const KEY = Buffer.alloc(32, 7);
const FACT = {
  spoolId: "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
  tenant: "acme",
  stream: "security",
  class: "C0" as const,
  bodyMac: createHash("sha256").update("body").digest(),
  recipients: ["Jane@Example.com", "bob@example.com"],
  at: 1_660_000_000_000,
};

test("the leaf of an accept says what was accepted, by MAC and pseudonym only", () => {
  const leaf = new LeafMaker(KEY).accepted(FACT).toString();
  const value = JSON.parse(leaf) as Record<string, unknown>;
  assert.deepEqual(Object.keys(value), ["at", "class", "id", "kind", "mac", "recipients", "stream", "tenant"]);
  assert.deepEqual([value["kind"], value["id"], value["at"]], ["accepted", FACT.spoolId, FACT.at]);
  assert.equal(value["mac"], FACT.bodyMac.toString("base64url"));
  assert.ok(!/jane|bob|example/i.test(leaf), leaf);
});

test("leaves of a try, an answer and an act are canonical JSON", () => {
  const leaves = new LeafMaker(KEY);
  const id = FACT.spoolId;
  assert.equal(
    leaves.intent({ spoolId: id, n: 1, provider: "harbour", at: 5 }).toString(),
    `{"at":5,"id":"${id}","kind":"intent","n":1,"provider":"harbour"}`,
  );
  assert.equal(
    leaves.outcome({ spoolId: id, n: null, outcome: null, cause: "expired", next: "end", at: 5 }).toString(),
    `{"at":5,"cause":"expired","id":"${id}","kind":"outcome","n":null,"next":"end","outcome":null}`,
  );
  assert.equal(
    leaves.act({ spoolId: id, kind: "message.held", actor: "operator:cli", at: 5 }).toString(),
    `{"actor":"operator:cli","at":5,"id":"${id}","kind":"message.held"}`,
  );
});

test("a pseudonym is the same for one address of one tenant, and nothing can be told across tenants or keys", () => {
  const leaves = new LeafMaker(KEY);
  const jane = leaves.pseudonym("acme", "Jane@Example.com");
  assert.match(jane, /^[\w-]{22}$/);
  assert.equal(leaves.pseudonym("acme", "jane@example.com"), jane);
  assert.equal(new LeafMaker(Buffer.alloc(32, 7)).pseudonym("acme", "jane@example.com"), jane);
  assert.notEqual(leaves.pseudonym("acme", "bob@example.com"), jane);
  assert.notEqual(leaves.pseudonym("other", "jane@example.com"), jane);
  assert.notEqual(new LeafMaker(Buffer.alloc(32, 8)).pseudonym("acme", "jane@example.com"), jane);
});

test("what is kept of a text tells nothing to whoever knows all of it but a code", () => {
  const leaves = new LeafMaker(KEY);
  const text = Buffer.from("Your code is 123456");
  const mac = leaves.textMac("one", text);
  assert.ok(mac.equals(new LeafMaker(KEY).textMac("one", text)));
  assert.ok(!mac.equals(createHash("sha256").update(text).digest()));
  assert.ok(!mac.equals(leaves.textMac("another", text)), "not even that two messages are the same");
  assert.ok(!mac.equals(new LeafMaker(Buffer.alloc(32, 8)).textMac("one", text)));
});

test("an Idempotency-Key and its body are the same again, and nothing can be tried against them", () => {
  const leaves = new LeafMaker(KEY);
  const hash = createHash("sha256").update("body").digest();
  const one = leaves.idempotency("acme", "reset:jane@example.com", hash);
  assert.deepEqual(new LeafMaker(KEY).idempotency("acme", "reset:jane@example.com", hash), one);
  assert.match(one.key, /^[\w-]{43}$/);
  assert.ok(!one.bodyHash.equals(hash));
  for (const other of [
    leaves.idempotency("other", "reset:jane@example.com", hash),
    leaves.idempotency("acme", "reset:bob@example.com", hash),
    new LeafMaker(Buffer.alloc(32, 8)).idempotency("acme", "reset:jane@example.com", hash),
  ])
    assert.notEqual(other.key, one.key);
});
