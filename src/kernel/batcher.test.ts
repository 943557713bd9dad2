import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fuzzRuns } from "../../test/support/fuzz-runs.ts";
import { Batcher } from "./batcher.ts";

/** A commit whose end the test decides, group by group. */
function controlled(bounds: ConstructorParameters<typeof Batcher<number, string>>[1]) {
  const groups: { items: number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const batcher = new Batcher<number, string>(
    (items) =>
      new Promise((resolve, reject) => {
        groups.push({ items, finish: () => resolve(items.map((item) => `stored ${item}`)), fail: reject });
      }),
    bounds,
  );
  return { batcher, groups };
}
const turn = () => new Promise(setImmediate);
const isSettled = async (promise: Promise<unknown>) => {
  const pending = Symbol("pending");
  return (await Promise.race([promise.catch(() => {}), Promise.resolve(pending)])) !== pending;
};

test("items of one turn share a group; those that come while it is on its way form the next", async () => {
  const { batcher, groups } = controlled({ maxItems: 100 });
  const first = [batcher.add(1), batcher.add(2)];
  await turn();
  const second = [batcher.add(3), batcher.add(4), batcher.add(5)];
  await turn();
  assert.deepEqual(
    groups.map((group) => group.items),
    [[1, 2]],
  );
  assert.equal(batcher.waitingCount, 3);
  groups[0]!.finish();
  assert.deepEqual(await Promise.all(first), ["stored 1", "stored 2"]);
  await turn();
  assert.deepEqual(groups[1]!.items, [3, 4, 5]);
  groups[1]!.finish();
  assert.deepEqual(await Promise.all(second), ["stored 3", "stored 4", "stored 5"]);
});

test("nobody is told before the group is committed", async () => {
  const { batcher, groups } = controlled({ maxItems: 100 });
  const promise = batcher.add(1);
  await turn();
  assert.equal(await isSettled(promise), false);
  groups[0]!.finish();
  assert.equal(await promise, "stored 1");
});

test("where the fault may be one item's, every other item of the group is stored", async () => {
  const stored: number[][] = [];
  const batcher = new Batcher<number, string>(
    async (items) => {
      if (items.includes(13)) throw new RangeError("13 cannot be written");
      if (items.includes(20)) throw new Error("away");
      stored.push(items);
      return items.map((item) => `stored ${item}`);
    },
    { maxItems: 16, mayBeOneItem: (error) => error instanceof RangeError },
  );
  const answers = await Promise.allSettled(Array.from({ length: 16 }, (_, item) => batcher.add(item)));
  assert.deepEqual(
    answers.flatMap((answer, item) => (answer.status === "rejected" ? [item] : [])),
    [13],
  );
  assert.deepEqual(stored.flat(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15]);
  const others = await Promise.allSettled([20, 21].map((item) => batcher.add(item)));
  assert.ok(
    others.every((answer) => answer.status === "rejected"),
    "an outage is nobody's fault",
  );
});

test("a failed group fails each of its items and no other", async () => {
  const { batcher, groups } = controlled({ maxItems: 2 });
  const promises = [batcher.add(1), batcher.add(2), batcher.add(3)];
  const answers = Promise.allSettled(promises);
  await turn();
  groups[0]!.fail(new Error("disk full"));
  await turn();
  await turn();
  groups[1]!.finish();
  const [one, two, three] = await answers;
  for (const answer of [one!, two!]) assert.match(String((answer as PromiseRejectedResult).reason), /disk full/);
  assert.deepEqual(three, { status: "fulfilled", value: "stored 3" });
});

test("a commit that throws at once is a failed group, and the next one goes out", async () => {
  let calls = 0;
  const batcher = new Batcher<number, number>(
    (items) => {
      calls += 1;
      if (calls === 1) throw new Error("no connection");
      return Promise.resolve(items);
    },
    { maxItems: 1 },
  );
  await assert.rejects(batcher.add(1), /no connection/);
  assert.equal(await batcher.add(2), 2);
});

test("a group never holds more bytes than allowed, except one item that is larger alone", async () => {
  const { batcher, groups } = controlled({ maxItems: 100, maxBytes: 10, maxGroups: 10, sizeOf: (item) => item });
  for (const size of [4, 6, 1, 25, 9, 2]) void batcher.add(size);
  for (let n = 0; n < 6; n += 1) await turn();
  assert.deepEqual(
    groups.map((group) => group.items),
    [[4, 6], [1], [25], [9], [2]],
  );
});

test("no more groups are on their way at once than allowed", async () => {
  const { batcher, groups } = controlled({ maxItems: 1, maxGroups: 2 });
  for (let n = 0; n < 5; n += 1) void batcher.add(n);
  for (let n = 0; n < 5; n += 1) await turn();
  assert.equal(groups.length, 2);
  groups[1]!.finish();
  for (let n = 0; n < 5; n += 1) await turn();
  assert.equal(groups.length, 3);
});

test("whatever the arrivals and bounds: each item is committed once, in order, with its own result", async () => {
  const bounds = fc.record({
    maxItems: fc.integer({ min: 1, max: 5 }),
    maxBytes: fc.integer({ min: 1, max: 20 }),
    maxGroups: fc.integer({ min: 1, max: 3 }),
  });
  const arrivals = fc.array(fc.record({ size: fc.nat(25), turnsBefore: fc.nat(2) }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(bounds, arrivals, async (limits, items) => {
      const seen: number[] = [];
      const batcher = new Batcher<{ n: number; size: number }, number>(
        async (group) => {
          seen.push(...group.map((item) => item.n));
          assert.ok(group.length <= limits.maxItems);
          assert.ok(group.length === 1 || group.reduce((sum, item) => sum + item.size, 0) <= limits.maxBytes);
          await turn();
          return group.map((item) => item.n);
        },
        { ...limits, sizeOf: (item) => item.size },
      );
      const results: Promise<number>[] = [];
      for (const [n, item] of items.entries()) {
        for (let wait = 0; wait < item.turnsBefore; wait += 1) await turn();
        results.push(batcher.add({ n, size: item.size }));
      }
      const inOrder = items.map((_, n) => n);
      assert.deepEqual(await Promise.all(results), inOrder);
      assert.deepEqual(seen, inOrder);
      assert.equal(batcher.waitingCount, 0);
    }),
    { numRuns: fuzzRuns() },
  );
});
