import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { virtualClock } from "../../test/support/virtual-clock.ts";
import { Changes } from "./changes.ts";
import { LabInbox } from "./inbox.ts";
import { RATE_BUCKETS, RateSeries } from "./rate-series.ts";
import { RecentSet } from "./recent-set.ts";

const message = (text: string) => ({
  provider: "harbour",
  takenAt: 0,
  envelope: { returnPath: "a@lab.test", parameters: [], recipients: [], smtputf8: false },
  raw: Buffer.from(text),
});

describe("the inbox", () => {
  test("keeps the newest and counts what it dropped for them", () => {
    const inbox = new LabInbox({ messages: 3, bytes: 1_000 });
    for (const text of ["one", "two", "three", "four"]) inbox.add(message(text));
    assert.deepEqual(
      inbox.newest().map(({ id, raw }) => `${id} ${raw}`),
      ["4 four", "3 three", "2 two"],
    );
    assert.deepEqual(inbox.counts, { messages: 3, bytes: 12, dropped: 1, unseen: 3, newestId: 4 });
  });

  test("drops by size too, also a message that is too large by itself", () => {
    const inbox = new LabInbox({ messages: 10, bytes: 10 });
    inbox.add(message("12345"));
    inbox.add(message("1234567"));
    assert.deepEqual([inbox.counts.messages, inbox.counts.bytes, inbox.counts.dropped], [1, 7, 1]);
    inbox.add(message("12345678901"));
    assert.deepEqual([inbox.counts.messages, inbox.counts.bytes], [0, 0]);
  });

  test("goes on counting after a clear, so that an id never means another message", () => {
    const inbox = new LabInbox();
    inbox.add(message("one"));
    inbox.clear();
    assert.equal(inbox.add(message("two")).id, 2);
  });

  test("finds what stands beside a message, gaps or not", () => {
    const inbox = new LabInbox({ messages: 3, bytes: 100 });
    for (const text of ["1", "2", "3", "4"]) inbox.add(message(text));
    assert.deepEqual(inbox.neighbours(3), { newer: 4, older: 2 });
    assert.deepEqual(inbox.neighbours(2), { newer: 3, older: null });
    assert.deepEqual(inbox.neighbours(4), { newer: null, older: 3 });
  });
});

describe("the rate of a provider", () => {
  test("moves to the left as time passes and forgets after five minutes", async () => {
    const clock = virtualClock();
    const series = new RateSeries(clock);
    series.count();
    series.count();
    assert.equal(series.spans().at(-1), 2);
    await clock.advance(10_000);
    series.count();
    assert.deepEqual(series.spans().slice(-3), [2, 0, 1]);
    await clock.advance((RATE_BUCKETS - 1) * 5_000);
    assert.equal(series.spans()[0], 1);
    await clock.advance(86_400_000);
    assert.deepEqual(new Set(series.spans()), new Set([0]));
  });
});

describe("the set of recent attempts", () => {
  test("forgets the one added longest ago", () => {
    const set = new RecentSet(2);
    for (const text of ["a", "b", "a", "c"]) set.add(text);
    assert.deepEqual([set.has("a"), set.has("b"), set.has("c"), set.size], [true, false, true, 2]);
  });
});

describe("changes", () => {
  test("are told once for many that come together, and to nobody who left", async () => {
    const clock = virtualClock();
    const changes = new Changes(clock);
    let heard = 0;
    const leave = changes.listen(() => (heard += 1));
    for (let count = 0; count < 100; count += 1) changes.changed();
    await clock.advance(1_000);
    assert.equal(heard, 1);
    changes.changed();
    leave();
    assert.equal(clock.pending, 0);
    await clock.advance(1_000);
    assert.equal(heard, 1);
  });
});
