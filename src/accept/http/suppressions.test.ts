import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type TestDoor, startTestDoor } from "../../../test/support/http-door.ts";

describe("the suppression list", () => {
  let door: TestDoor;
  before(async () => {
    door = await startTestDoor();
  });
  after(() => door.stop());

  test("takes an address, shows it, and lets it go", async () => {
    const added = await door.post("/v1/suppressions", { address: "ada@example.com", reason: "asked us to" });
    assert.deepEqual([added.status, await added.json()], [200, { address: "ada@example.com", status: "suppressed" }]);
    const listed = (await (await door.ask("/v1/suppressions")).json()) as { suppressions: { address: string }[] };
    assert.deepEqual(
      listed.suppressions.map((one) => one.address),
      ["ada@example.com"],
    );
    const removed = await door.ask("/v1/suppressions/ada%40example.com", { method: "DELETE" });
    assert.deepEqual([removed.status, await removed.json()], [200, { address: "ada@example.com", status: "removed" }]);
    const again = await door.ask("/v1/suppressions/ada%40example.com", { method: "DELETE" });
    assert.equal(((await again.json()) as { code: string }).code, "suppression-not-found");
  });

  test("knows an address by either form of its domain, as messages are kept", async () => {
    const added = await door.post("/v1/suppressions", { address: "ada@bücher.example" });
    assert.deepEqual(await added.json(), { address: "ada@xn--bcher-kva.example", status: "suppressed" });
    const removed = await door.ask(`/v1/suppressions/${encodeURIComponent("ada@bücher.example")}`, {
      method: "DELETE",
    });
    assert.deepEqual(
      [removed.status, await removed.json()],
      [200, { address: "ada@xn--bcher-kva.example", status: "removed" }],
    );
  });

  test("is asked for pages by an address and by nothing else", async () => {
    assert.equal((await door.ask("/v1/suppressions?after=ada%40example.com")).status, 200);
    for (const place of ["%00", "a%00b%40example.com", "x", "a&after=b"]) {
      const answer = await door.ask(`/v1/suppressions?after=${place}`);
      assert.equal(answer.status, 422, place);
      assert.equal(((await answer.json()) as { errors: { parameter: string }[] }).errors[0]!.parameter, "after");
    }
  });

  test("takes many off by address, kind, prefix or time, never all of them by an empty request", async () => {
    const remove = (body: unknown) => door.post("/v1/suppressions/remove", body);
    door.story.asked.length = 0;
    const done = await remove({
      addresses: ["Ada@bücher.example"],
      kind: "bounced",
      addedBefore: "2026-03-01T00:00:00Z",
    });
    assert.deepEqual([done.status, await done.json()], [200, { removed: 3, more: false }]);
    assert.deepEqual(door.story.asked, [
      {
        tenant: "acme",
        filter: {
          addresses: ["Ada@xn--bcher-kva.example"],
          kinds: ["bounced"],
          addedBefore: Date.UTC(2026, 2, 1),
        },
      },
    ]);
    for (const body of [{}, { addresses: [] }, { kind: "loud" }, { prefix: "" }, { addedAfter: "now" }, { all: true }])
      assert.equal((await remove(body)).status, 422, JSON.stringify(body));
    for (const query of ["kind=loud", "prefix=", "addedAfter=now", "all=1"])
      assert.equal((await door.ask(`/v1/suppressions?${query}`)).status, 422, query);
    assert.equal(door.story.asked.length, 1);
  });

  test("refuses what is no single address, with its place", async () => {
    const answer = await door.post("/v1/suppressions", { address: "ada@example.com, eve@example.com" });
    assert.equal(answer.status, 422);
    assert.equal(((await answer.json()) as { errors: { pointer: string }[] }).errors[0]!.pointer, "/address");
  });
});
