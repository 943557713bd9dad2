import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { check } from "../crash/checker.ts";
import { load } from "../crash/load.ts";
import { type Node, type Rig, type Sink, configuration, newRig } from "../crash/rig.ts";
import { eventually } from "../support/eventually.ts";
import { type FreshDatabase, freshDatabase } from "../support/postgres.ts";

/** S33, S35: what a provider does to us must never cost a message, and hardly ever make two of it. */
describe("a provider that misbehaves under load", () => {
  let place: FreshDatabase;
  let rig: Rig;
  let one: Sink;
  let two: Sink;
  let node: Node;

  beforeEach(async () => {
    place = await freshDatabase();
    rig = newRig({ RIG_DATABASE: place.url });
    [one, two] = await Promise.all([rig.sink(), rig.sink()]);
    node = await rig.start(rig.configure(configuration([one, two], { standbyShare: 0 })));
  });
  afterEach(async () => {
    await rig.end();
    await place.drop();
  });

  async function submit(count: number): Promise<string[]> {
    let taken = 0;
    const result = await load({
      port: node.smtp,
      sessions: 10,
      stopped: () => taken >= count,
      onAccepted: () => (taken += 1),
    });
    assert.equal(result.unanswered + result.refused, 0);
    return result.accepted;
  }
  const drained = () =>
    eventually(
      async () => (await place.database.query<{ n: number }>("SELECT count(*) AS n FROM queue"))[0]!.n === 0,
      60_000,
    );
  async function verdictOf(accepted: readonly string[]) {
    const [a, b] = await Promise.all([one.report(), two.report()]);
    const copies: Record<string, number> = { ...a.copies };
    for (const [id, n] of Object.entries(b.copies)) copies[id] = (copies[id] ?? 0) + n;
    return check(place.database, accepted, { copies });
  }

  test("hanging after the final dot: each message waits until the provider says it has none, then goes out once", async () => {
    await one.mode("hanging");
    const accepted = await submit(40);
    await drained();
    const verdict = await verdictOf(accepted);
    assert.deepEqual([verdict.lost, verdict.duplicates], [[], 0]);
    const [asked] = await place.database.query<{ n: number }>(
      "SELECT count(*) AS n FROM attempts WHERE resolved = 'not-taken'",
    );
    assert.ok(asked!.n > 0, "nobody was asked");
  });

  test("taking the message and closing without an answer: it is asked for, and not sent twice", async () => {
    await one.mode("closes-before-answer");
    const accepted = await submit(40);
    await drained();
    const verdict = await verdictOf(accepted);
    assert.deepEqual([verdict.lost, verdict.duplicates], [[], 0]);
    const [asked] = await place.database.query<{ n: number }>(
      "SELECT count(*) AS n FROM attempts WHERE resolved = 'taken'",
    );
    assert.ok(asked!.n > 0, "nobody was asked");
  });

  test("answering 250 and dropping the connection: one copy each, and the provider stays in use", async () => {
    await one.mode("answers-and-closes");
    const accepted = await submit(100);
    await drained();
    const verdict = await verdictOf(accepted);
    assert.deepEqual([verdict.lost, verdict.duplicates], [[], 0]);
    // A connection may close under the next message, which then takes the other way; it is not the rule.
    const elsewhere = Object.keys((await two.report()).copies).length;
    assert.ok(elsewhere <= accepted.length / 20, `${elsewhere} of ${accepted.length} went elsewhere`);
  });

  for (const mode of ["suspended", "queued-and-suspended", "deferring"] as const) {
    test(`${mode}: everything goes through the other provider, and the sender sees no error`, async () => {
      await one.mode(mode);
      const accepted = await submit(100);
      await drained();
      const verdict = await verdictOf(accepted);
      assert.deepEqual([verdict.lost, verdict.duplicates], [[], 0]);
      assert.equal(Object.keys((await two.report()).copies).length, accepted.length);
    });
  }
});
